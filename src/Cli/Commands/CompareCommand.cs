using System.CommandLine;
using System.Text.Json;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>compare</c>: several runs side by side, and whether they ended in the same weights.</summary>
internal sealed class CompareCommand : CliCommand
{
    private static readonly CliOption<string> ComparisonFile = new("--out", ValueKind.FileOf("PNG", ".png"))
    {
        Placeholder = "FILE.png", IsPerInvocation = true, IsCommandLineOnly = true,
        Elsewhere = ["--output", "-o"],
        Help = "Draw their validation accuracy, or R², into one picture.",
    };

    private readonly Argument<string[]> _runs;

    public CompareCommand()
        : base("compare", "Several runs side by side: options that differ, losses, digests")
    {
        _runs = CompleteRuns(Take<string[]>("RUN", "A run folder.", new ArgumentArity(2, 1000)));
        Take(OptionHeading.Output, ComparisonFile, OutputOptions.Json, OutputOptions.Verbose);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Prints the options in which runs differ, their losses and accuracies and the digest of their weights in one table, and draws "
        + "their validation accuracy into one picture.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep compare runs/tuned runs/scratch", "one table"),
        ("lockstep compare runs/tuned runs/scratch runs/other --out curves.png", "and a picture"),
    ];

    public override Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        RunRecord[] runs = [.. invocation.Get(_runs).Select(folder => RunRecord.Read(folder))];
        foreach (string note in runs.SelectMany(run => run.Notes))
            io.Error.WriteLine($"warning: {note}");
        if (settings.Find(ComparisonFile) is { } file)
        {
            if (runs.FirstOrDefault(run => run.Metrics.Count == 0) is { } empty)
                throw new RequestException($"{empty.Folder} has no metrics to draw: no epoch of it was evaluated.");
            WholeFile.Write(file, ComparisonPicture.Draw(runs), "comparison");
        }

        Dictionary<string, string>[] options = [.. runs.Select(OptionsOf)];
        IReadOnlyList<string> names = DifferingOptions(runs, options);
        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, JsonOf(runs, names, options), ResultsContext.Default.ComparisonJson);
        else
            WriteText(io.Out, runs, names, options);
        return Task.FromResult(ExitCode.Done);
    }

    private static void WriteText(
        TextWriter writer, RunRecord[] runs, IReadOnlyList<string> names, Dictionary<string, string>[] options)
    {
        string[] header = ["run", "steps", "train loss", "validation loss", "validation", "test", "weights"];
        TextTable.Write(writer, header, [.. runs.Select(Cells)], firstNumber: 1);
        if (names.Count == 0)
            return;
        writer.WriteLine();
        TextTable.Write(writer, ["option that differs", .. runs.Select(run => run.Folder)],
            [.. names.Select(name => (IReadOnlyList<string>)[name, .. options.Select(own => own.GetValueOrDefault(name, "-"))])],
            firstNumber: runs.Length + 1);
    }

    private static IReadOnlyList<string> Cells(RunRecord run) =>
    [
        run.Folder, run.Checkpoint is { } found ? Format.Count(found.Checkpoint.Step) : "-",
        run.Metrics.Count == 0 ? "-" : Format.Loss(run.Metrics[^1].TrainLoss),
        run.Metrics.Count == 0 ? "-" : Format.Loss(run.Metrics[^1].ValidationLoss),
        Format.ScoreOrDash(run.ValidationR2, run.ValidationAccuracy), Format.ScoreOrDash(run.TestR2, run.TestAccuracy),
        run.Checkpoint?.Checkpoint.WeightsSha256[..16] ?? "-",
    ];

    /// <summary>
    /// Names of the options in which the runs differ. Runs whose models have the same widths may differ in their layers, as a model file
    /// gives them; runs of other widths do so anyway.
    /// </summary>
    private static IReadOnlyList<string> DifferingOptions(RunRecord[] runs, Dictionary<string, string>[] options)
    {
        bool sameWidths = runs.Select(run => run.Spec?.Model.ToString()).OfType<string>().Distinct().Count() == 1;
        return [.. options.SelectMany(own => own.Keys).Distinct()
            .Where(name => sameWidths || !IsOfLayers(name))
            // A run without a checkpoint tells no options.
            .Where(name => options.Where(own => own.Count > 0).Select(own => own.GetValueOrDefault(name)).Distinct().Count() > 1)];
    }

    private static Dictionary<string, string> OptionsOf(RunRecord run)
    {
        if (run.Spec is not { } spec)
            return [];
        var options = SpecSettings.Of(spec).Append(SpecSettings.LengthOf(spec))
            .ToDictionary(entry => SpecOptions.Find(entry.Key).Name, entry => SpecSettings.TextOf(entry.Value));
        foreach ((string name, string value) in SpecDifferences.Entries(spec).Where(entry => IsOfLayers(entry.Key)))
            options[name] = value;
        foreach (ICliOption option in DataOptions.Preparing)
        {
            if (run.Configuration is { } saved && saved.TryGetProperty(option.Key, out JsonElement value))
                options[option.Name] = value.ToString();
        }

        return options;
    }

    private static bool IsOfLayers(string name) => name.StartsWith("layers[", StringComparison.Ordinal) || name == "inputKeepProb";

    private static ComparisonJson JsonOf(RunRecord[] runs, IReadOnlyList<string> names, Dictionary<string, string>[] options) => new(
        runs.Select(run => run.Checkpoint?.Checkpoint.WeightsSha256 ?? run.Folder).Distinct().Count() == 1,
        [.. runs.Select((run, i) => new ComparisonJson.ComparedRun(
            run.Folder,
            run.Spec?.Model.ToString(),
            run.Checkpoint?.Checkpoint.Step ?? 0,
            run.Metrics.Count == 0 ? double.NaN : run.Metrics[^1].TrainLoss,
            run.Metrics.Count == 0 ? double.NaN : run.Metrics[^1].ValidationLoss,
            run.ValidationAccuracy,
            run.TestAccuracy,
            run.Checkpoint?.Checkpoint.WeightsSha256,
            names.ToDictionary(name => name, name => options[i].GetValueOrDefault(name)))
        {
            ValidationR2 = run.ValidationR2,
            TestR2 = run.TestR2,
        })]);
}
