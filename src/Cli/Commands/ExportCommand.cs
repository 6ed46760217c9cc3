using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Interchange;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>export</c>: writes the weights of a checkpoint in a format of others.</summary>
internal sealed class ExportCommand : CliCommand
{
    private static readonly CliOption<string> To = new("--to", Kinds.Format)
    {
        Placeholder = "FORMAT", IsPerInvocation = true, IsCommandLineOnly = true,
        DefaultNote = "what the name of the file says",
        Elsewhere = ["--format"],
        Help = "Format to write.",
    };

    private static readonly CliOption<string> WeightsFile = new("--out", ValueKind.Path)
    {
        Placeholder = "FILE", IsPerInvocation = true, IsCommandLineOnly = true,
        DefaultNote = "the name of the checkpoint, in this folder",
        Elsewhere = ["--output", "-o"],
        Help = "File to write, or folder for CSV; it must not exist.",
    };

    private readonly Argument<string> _checkpoint;

    public ExportCommand()
        : base("export", "Write weights for other programs: safetensors, npz, ONNX, CSV")
    {
        _checkpoint = TakeRun(
            "CHECKPOINT", "A checkpoint file, or a run folder, of which the newest checkpoint is taken, or that of --checkpoint.");
        Take(OptionHeading.Run, CheckpointOptions.Which);
        Take(OptionHeading.Exchange, To, WeightsFile, ExchangeOptions.Layout, ExchangeOptions.Names, RestoreOptions.Map);
        Take(OptionHeading.Output, OutputOptions.Json, OutputOptions.Quiet, OutputOptions.Verbose);
    }

    public override string Heading => CommandHeading.Exchange;

    public override string Details =>
        "Writes the weights of a checkpoint as safetensors or npz, the whole network as an ONNX model, or one CSV file for each parameter. "
        + "With --names torch it prints the lines of Python that build the network and load the file. Files that exist are never replaced.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep export runs/cosine --to onnx --out digits.onnx", "for ONNX Runtime and all that reads ONNX"),
        ("lockstep export runs/cosine --to safetensors --names torch", "for PyTorch, with its names and layout"),
        ("lockstep export runs/cosine --to npz --map 'W0=layer0/weights'", "for NumPy, one name changed"),
    ];

    public override Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        TrainedModel model = ModelAccess.Load(
            invocation.Get(_checkpoint), io.Error.WriteLine, which: settings.Get(CheckpointOptions.Which));
        WeightFormat? format = settings.Find(To) is { } name ? WeightFormat.All.Single(format => format.Name == name) : null;
        var plan = ExportPlan.Make(model, format, settings.Find(WeightsFile), ExchangeOptions.Of(settings));
        plan.Write();
        if (!settings.Get(OutputOptions.Quiet))
            io.Error.WriteLine($"wrote {plan.Path}: {model.Model} after step {Format.Count(model.Step)} of {model.Path}");

        if (plan.Format != WeightFormat.Onnx && !settings.Get(OutputOptions.Quiet))
        {
            foreach (TargetSpec target in model.Run.Data.Preparation?.Targets ?? [])
                io.Error.WriteLine($"{ForeignText.Printable(target.Name)} = {target.Mean.ToString("R", CultureInfo.InvariantCulture)} + "
                    + $"{target.Deviation.ToString("R", CultureInfo.InvariantCulture)} * output");
        }

        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, ExportJson.Of(plan, model), ResultsContext.Default.ExportJson);
        else if (plan.Script is not null)
            io.Out.Write(plan.Script);
        else if (plan.Format == WeightFormat.Onnx)
            WriteFace(io.Out, model.Run);
        else
            TextTable.Write(io.Out, ["parameter", "in the file", "shape"], [.. plan.Tensors.Select(Row)], firstNumber: 3);
        return Task.FromResult(ExitCode.Done);
    }

    private static IReadOnlyList<string> Row((string Parameter, NamedTensor Tensor) pair) =>
        [pair.Parameter, pair.Tensor.Name, ForeignText.Shape(pair.Tensor.Shape)];

    private static string[] NamesOf(RunSpec run) => [.. Enumerable.Range(0, run.Model.Classes).Select(i => run.Data.TargetOf(i).Name)];

    private static void WriteFace(TextWriter output, RunSpec run) => TextTable.WritePairs(output,
    [
        .. OnnxInput.Of(run.Model, run.Data.Preparation).Select(
            input => ("input", $"{input.Name} {input.TypeAndShape}, {input.Content}")),
        .. (run.IsRegression ? [OnnxModel.Predictions] : (string[])[OnnxModel.Logits, OnnxModel.Probabilities]).Select(
            name => ("output", $"{name} float32 [batch, {run.Model.Classes}]"
                + (run.IsRegression ? $", {Format.Names(NamesOf(run))} in their own units" : ""))),
        ("version", $"operator set {OnnxModel.OperatorSets(run.Data.Preparation)}, IR {OnnxModel.IrVersion}"),
    ]);
}
