using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Tests;

/// <summary>A network that has learned the synthetic digits, and the digits; made once for all tests.</summary>
internal static class DigitModel
{
    private const int Steps = 500;

    private static readonly Lazy<(Dataset Data, LocalTrainer Trainer, RunSpec Spec)> Trained = new(Train);

    /// <summary>The synthetic digits.</summary>
    public static Dataset Data => Trained.Value.Data;

    /// <summary>How many images of a set the network tells right.</summary>
    public static int CountRight(ImageSet images) =>
        new Evaluator(Trained.Value.Spec.Model, Trained.Value.Trainer.Layout)
            .Evaluate(Trained.Value.Trainer.Weights, images, 0, images.Count).Correct;

    /// <summary>Writes the trained network as a checkpoint and gives its path.</summary>
    public static string Save(TemporaryFolder folder) => Save(folder, Trained.Value.Spec, Trained.Value.Trainer);

    /// <summary>Writes a network that has learned nothing as a checkpoint and gives its path.</summary>
    public static string Save(TemporaryFolder folder, string model)
    {
        RunSpec spec = Samples.Spec with { Model = ModelSpec.Parse(model) };
        return Save(
            folder, spec,
            new LocalTrainer(spec, ImageSet.FromDense(new byte[1000 * spec.Model.Inputs], new byte[1000], 1, spec.Model.Inputs)));
    }

    private static string Save(TemporaryFolder folder, RunSpec spec, LocalTrainer trainer) =>
        new CheckpointStore(folder.Path).Save(new Checkpoint
        {
            RunId = new string('1', 16),
            Term = 1,
            Spec = spec,
            Step = trainer.CompletedSteps,
            Parameters = CheckpointTensors.CopyFrom(trainer.Layout, trainer.Weights),
            Slots = CheckpointTensors.CopySlotsFrom(trainer.Layout, spec.Optimizer.Slots, trainer.State),
            Unreported = default,
            WeightsSha256 = trainer.WeightsSha256,
        }, keep: 1);

    private static (Dataset, LocalTrainer, RunSpec) Train()
    {
        Dataset data = SyntheticDigits.Create();
        RunSpec spec = Samples.Spec with
        {
            Model = ModelSpec.Parse("784-32-10"),
            BatchSize = 64,
            TotalSteps = Steps,
            Data = new DataSpec
            {
                Name = data.Name, Sha256 = data.Sha256, TrainingExamples = data.TrainingExamples,
                ValidationExamples = data.ValidationExamples,
            },
        };
        var trainer = new LocalTrainer(spec, data.Training);
        _ = trainer.Run(Steps);
        return (data, trainer, spec);
    }
}
