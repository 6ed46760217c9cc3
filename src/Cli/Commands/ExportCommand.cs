using Lockstep.Cli.Configuration;
using Lockstep.Cli.Interchange;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Specs;
using Lockstep.Shared;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Cli.Commands;

/// <summary><c>export</c>: writes the weights of a checkpoint in a format of others.</summary>
internal static class ExportCommand
{
    public static Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        LoadedCheckpoint found = CheckpointStore.Load(invocation.Argument!);
        foreach (string warning in found.Warnings)
            io.Error.WriteLine($"warning: {warning}");
        var plan = ExportPlan.Make(settings, found);
        plan.Write(found.Checkpoint, WeightLayout.IsTorch(settings));
        if (!settings.Get(OptionTable.Quiet))
            io.Error.WriteLine($"wrote {plan.Path}: {found.Checkpoint.Spec.Model} after step {Format.Count(found.Checkpoint.Step)} of {found.Path}");

        if (settings.Get(OptionTable.Json))
            WriteJson(io.Out, plan, found);
        else if (plan.Script is not null)
            io.Out.Write(plan.Script);
        else if (plan.Format == WeightFormat.Onnx)
            WriteFace(io.Out, found.Checkpoint.Spec.Model);
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

    private static void WriteJson(TextWriter output, ExportPlan plan, LoadedCheckpoint found) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("checkpoint", found.Path);
        writer.WriteNumber("step", found.Checkpoint.Step);
        writer.WriteString("weightsSha256", found.Checkpoint.WeightsSha256);
        writer.WriteString("file", plan.Path);
        writer.WriteString("format", plan.Format.Name);
        writer.WriteStartArray("tensors");
        foreach ((string parameter, NamedTensor tensor) in plan.Tensors)
        {
            writer.WriteStartObject();
            writer.WriteString("parameter", parameter);
            writer.WriteString("name", tensor.Name);
            writer.WriteStartArray("shape");
            foreach (int dimension in tensor.Shape)
                writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (plan.Script is not null)
            writer.WriteString("python", plan.Script);
        writer.WriteEndObject();
    });
}
