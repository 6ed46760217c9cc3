using Lockstep.Model.Specs;

namespace Lockstep.Cli.Tests;

/// <summary>A small run to talk about.</summary>
internal static class Samples
{
    /// <summary>100 steps, 50 an epoch.</summary>
    public static RunSpec Spec { get; } = new()
    {
        Model = ModelSpec.Parse("784-32-10", keepProb: 0.8),
        Seed = 7,
        BatchSize = 20,
        Shards = 4,
        TotalSteps = 100,
        Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 0 },
        Data = new DataSpec { Name = "mnist", Sha256 = new string('d', 64), TrainingExamples = 1000, ValidationExamples = 100 },
    };
}
