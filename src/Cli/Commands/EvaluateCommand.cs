using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Data;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Commands;

/// <summary><c>evaluate</c>: loss and accuracy of a checkpoint.</summary>
internal static class EvaluateCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        LoadedCheckpoint found = CheckpointStore.Load(invocation.Argument!);
        RunSpec spec = found.Checkpoint.Spec;
        await using RunDisplay display = RunDisplay.Create(io, settings);
        foreach (string warning in found.Warnings)
            display.Warn($"warning: {warning}");
        LoadedDataset loaded = await DatasetAccess.LoadAsync(settings.Find(OptionTable.Dataset) ?? spec.Data.Name, settings, io, display, CancellationToken.None);
        var problems = new Problems();
        RunPlan.CheckModel(spec.Model, loaded.Data, $"The model {spec.Model} of {found.Path}", problems);
        problems.ThrowIfAny();
        if (loaded.Data.Name == spec.Data.Name && loaded.Data.Sha256 != spec.Data.Sha256)
            display.Warn($"warning: these are not the images that the run was trained on: {loaded.Source} holds another {spec.Data.Name}, with digest {loaded.Data.Sha256}.");

        string split = settings.Get(OptionTable.Split);
        (ImageSet images, int first, int count) = DatasetAccess.Split(loaded.Data, split);
        display.Working($"evaluating {Format.Count(count)} images");
        EvaluationResult result = Evaluate(found.Checkpoint, images, first, count);
        await display.DisposeAsync();

        if (settings.Get(OptionTable.Json))
        {
            JsonOutput.Write(io.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("checkpoint", found.Path);
                writer.WriteNumber("step", found.Checkpoint.Step);
                writer.WriteString("weightsSha256", found.Checkpoint.WeightsSha256);
                writer.WriteStartObject("dataset");
                writer.WriteString("name", loaded.Data.Name);
                writer.WriteString("sha256", loaded.Data.Sha256);
                writer.WriteEndObject();
                writer.WriteString("split", split);
                writer.WriteNumber("examples", result.Examples);
                writer.WriteFinite("loss", result.Loss);
                writer.WriteFinite("accuracy", result.Accuracy);
                writer.WriteEndObject();
            });
            return ExitCode.Done;
        }

        TextTable.WritePairs(io.Out,
        [
            ("checkpoint", $"{found.Path}, step {Format.Count(found.Checkpoint.Step)}"),
            ("images", $"{Format.Count(result.Examples)} {split} images of {loaded.Data.Name}"),
            ("loss", Format.Loss(result.Loss)),
            ("accuracy", $"{Format.Percent(result.Accuracy)} ({Format.Count(result.Correct)} right, {Format.Count(result.Examples - result.Correct)} wrong)"),
        ]);
        return ExitCode.Done;
    }

    private static EvaluationResult Evaluate(Checkpoint checkpoint, ImageSet images, int first, int count)
    {
        var layout = new ParameterLayout(checkpoint.Spec.Model);
        float[] weights = new float[layout.Length];
        CheckpointTensors.CopyTo(checkpoint.Parameters, layout, weights);
        return new Evaluator(checkpoint.Spec.Model, layout).Evaluate(weights, images, first, count);
    }
}
