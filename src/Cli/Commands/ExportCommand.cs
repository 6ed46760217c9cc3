using Lockstep.Cli.Configuration;
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
internal static class ExportCommand
{
    public static Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        TrainedModel model = ModelAccess.Load(invocation.Argument!, io.Error.WriteLine);
        WeightFormat? format = settings.Find(OptionTable.To) is { } name ? WeightFormat.All.Single(format => format.Name == name) : null;
        var plan = ExportPlan.Make(model, format, settings.Find(OptionTable.WeightsFile), ExchangeOptions.Of(settings));
        plan.Write();
        if (!settings.Get(OptionTable.Quiet))
            io.Error.WriteLine($"wrote {plan.Path}: {model.Model} after step {Format.Count(model.Step)} of {model.Path}");

        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, ExportJson.Of(plan, model), ResultsContext.Default.ExportJson);
        else if (plan.Script is not null)
            io.Out.Write(plan.Script);
        else if (plan.Format == WeightFormat.Onnx)
            WriteFace(io.Out, model.Model);
        else
            TextTable.Write(io.Out, ["parameter", "in the file", "shape"], [.. plan.Tensors.Select(Row)], firstNumber: 3);
        return Task.FromResult(ExitCode.Done);
    }

    private static IReadOnlyList<string> Row((string Parameter, NamedTensor Tensor) pair) =>
        [pair.Parameter, pair.Tensor.Name, ForeignText.Shape(pair.Tensor.Shape)];

    private static void WriteFace(TextWriter output, ModelSpec model) => TextTable.WritePairs(output,
    [
        ("input", $"{OnnxModel.Input} float32 [batch, {model.Inputs}], pixels scaled to 0..1"),
        ("output", $"{OnnxModel.Logits} float32 [batch, {model.Classes}]"),
        ("output", $"{OnnxModel.Probabilities} float32 [batch, {model.Classes}]"),
        ("version", $"operator set {OnnxModel.OperatorSet}, IR {OnnxModel.IrVersion}"),
    ]);
}
