using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Model.Training;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>inspect</c>: what a checkpoint holds.</summary>
internal sealed class InspectCommand : CliCommand
{
    private static readonly CliOption<string> WeightsImage = new("--weights-image", ValueKind.FileOf("PNG", ".png"))
    {
        Placeholder = "FILE.png", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Draw the weights of the first layer, one picture a unit: blue below zero, red above; in colour on RGB pictures.",
    };

    private static readonly CliOption<string> HistogramsImage = new("--histograms-image", ValueKind.FileOf("PNG", ".png"))
    {
        Placeholder = "FILE.png", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Draw a histogram of every parameter.",
    };

    private readonly Argument<string> _checkpoint;

    public InspectCommand()
        : base("inspect", "What a checkpoint holds: run, step, digest, parameters")
    {
        _checkpoint = TakeRun("CHECKPOINT", "A checkpoint file, or a run folder, of which the newest checkpoint is taken.");
        Take(OptionHeading.Output, WeightsImage, HistogramsImage, OutputOptions.Json, OutputOptions.Verbose);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Prints the run's options, the step, the digest of the weights, and name, shape and statistics of every parameter.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep inspect runs/cosine", "the newest checkpoint of a run"),
        ("lockstep inspect runs/cosine --json", "as JSON"),
        ("lockstep inspect runs/cosine --weights-image weights.png", "what the first layer looks for"),
        ("lockstep inspect runs/cosine --histograms-image histograms.png", "how the values are spread"),
    ];

    public override Task<int> RunAsync(Invocation invocation)
    {
        LoadedCheckpoint found = CheckpointStore.Load(invocation.Get(_checkpoint), mayBeNonFinite: true);
        foreach (string warning in found.Warnings)
            invocation.Io.Error.WriteLine($"warning: {warning}");
        foreach (string note in Draw(found, invocation.Settings))
            invocation.Io.Error.WriteLine(note);
        if (invocation.Settings.Get(OutputOptions.Json))
            JsonOutput.Write(invocation.Io.Out, JsonOf(found), ResultsContext.Default.CheckpointJson);
        else
            WriteText(invocation.Io.Out, found);
        return Task.FromResult(ExitCode.Done);
    }

    /// <summary>Writes the pictures that the options name.</summary>
    /// <returns>A line about each, for standard error: standard output may be JSON.</returns>
    private static IEnumerable<string> Draw(LoadedCheckpoint found, Settings settings)
    {
        IReadOnlyList<NamedTensor> parameters = found.Checkpoint.Parameters;
        if (settings.Find(WeightsImage) is { } weightsFile)
        {
            string first = found.Checkpoint.Spec.Model.Parameters.First().Name;
            NamedTensor weights = parameters.Single(tensor => tensor.Name == first);
            (string name, int units) = (weights.Name, weights.Shape[^1]);
            DataSpec data = found.Checkpoint.Spec.Data;
            if (WeightsPicture.FormOf(weights, data) is not { } form)
            {
                throw new RequestException(
                    $"{WeightsImage.Name}: {name} [{string.Join(", ", weights.Shape)}] of {found.Path} takes "
                    + (data.Preparation?.Inputs is TableSpec
                        ? "columns of a table, which are no picture."
                        : $"{Format.Count(weights.Shape[0])} values, which are no square image.")
                    + $" Only weights on pictures can be drawn; {HistogramsImage.Name} FILE.png draws how those of every layer are "
                    + "spread.");
            }

            WholeFile.Write(weightsFile, WeightsPicture.Draw(weights, form), "picture of the weights");
            string beginning = units > WeightsPicture.MaxUnits ? $"the first {Format.Count(WeightsPicture.MaxUnits)} of " : "";
            yield return $"{name}, {beginning}{Format.Plural(units, "unit")}: {weightsFile}";
        }

        if (settings.Find(HistogramsImage) is { } histogramsFile)
        {
            WholeFile.Write(histogramsFile, HistogramsPicture.Draw(parameters), "picture of the histograms");
            string some = parameters.Count > HistogramsPicture.MaxParameters ? $"the first {HistogramsPicture.MaxParameters} of " : "";
            yield return $"histograms of {some}{Format.Plural(parameters.Count, "parameter")}: {histogramsFile}";
        }
    }

    private static string Digest(Checkpoint checkpoint)
    {
        using var digest = new WeightsDigest();
        foreach (NamedTensor tensor in checkpoint.Parameters.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
            digest.Append(tensor.Name, tensor.Shape, tensor.Values);
        return digest.ToHexString();
    }

    private static double Epoch(Checkpoint checkpoint) => (double)checkpoint.Step / checkpoint.Spec.StepsPerEpoch;

    private static CheckpointJson JsonOf(LoadedCheckpoint found) =>
        CheckpointJson.Of(found, Epoch(found.Checkpoint), Digest(found.Checkpoint));

    private static void WriteText(TextWriter writer, LoadedCheckpoint found)
    {
        (Checkpoint checkpoint, RunSpec spec) = (found.Checkpoint, found.Checkpoint.Spec);
        TextTable.WritePairs(writer,
        [
            ("checkpoint", found.Path),
            ("run", $"{checkpoint.RunId}, term {checkpoint.Term}"),
            ("step", $"{Format.Count(checkpoint.Step)} of {Format.Count(spec.TotalSteps)}"),
            ("epoch",
                string.Create(
                    CultureInfo.InvariantCulture, $"{Epoch(checkpoint):0.##} of {(double)spec.TotalSteps / spec.StepsPerEpoch:0.##}")),
            ("weights", $"sha256 {Digest(checkpoint)}"),
            ("data",
                $"{spec.Data.Name}, {Format.Count(spec.Data.TrainingExamples)} training and "
                    + $"{Format.Count(spec.Data.ValidationExamples)} validation examples, sha256 {spec.Data.Sha256}"),
            .. (spec.Data.Preparation?.Targets ?? []).Select(target => (
                "target",
                $"{ForeignText.Beginning(target.Name)}: {Format.Number(target.Mean)} + {Format.Number(target.Deviation)} · output")),
            .. spec.RestoredSha256 is { } restored ? new[] { ("began with", $"restored parameters, sha256 {restored}") } : [],
            .. SpecSettings.Of(spec).Where(setting => setting.Key != DataOptions.Dataset.Key)
                .Select(setting => (SpecOptions.Find(setting.Key).Name, SpecSettings.TextOf(setting.Value))),
        ]);
        writer.WriteLine();
        TextTable.Write(writer,
            ["parameter", "shape", "training", "min", "max", "mean", "sd", "norm", "zeros", "non-finite"],
            [.. checkpoint.Parameters.Select(tensor => Row(tensor, spec))], firstNumber: 3);
    }

    private static IReadOnlyList<string> Row(NamedTensor tensor, RunSpec spec)
    {
        var statistics = TensorStatistics.Of(tensor.Values);
        return
        [
            tensor.Name, $"[{string.Join(", ", tensor.Shape)}]",
            Training(
                spec.Model.Layers.SelectMany(layer => layer.Parameters).First(parameter => parameter.Spec.Name == tensor.Name)),
            Number(statistics.Min),
            Number(statistics.Max), Number(statistics.Mean),
            Number(statistics.StandardDeviation), Number(statistics.Norm), Format.Count(statistics.Zeros),
            Format.Count(statistics.NonFinite),
        ];
    }

    private static string Training(LayerParameter placed)
    {
        ParameterSpec parameter = placed.Spec;
        if (!parameter.IsTrainable)
            return "frozen";
        if (placed.IsStatistic)
            return "average"; // Of the statistics of batch normalisation; the optimizer leaves it alone.
        string rate = parameter.LearningRate is { } own ? string.Create(CultureInfo.InvariantCulture, $"rate {own}") : "";
        string l2 = parameter.L2 is { } penalty ? string.Create(CultureInfo.InvariantCulture, $"l2 {penalty}") : "";
        return rate.Length + l2.Length == 0 ? "yes" : string.Join(", ", new[] { rate, l2 }.Where(text => text.Length > 0));
    }

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
