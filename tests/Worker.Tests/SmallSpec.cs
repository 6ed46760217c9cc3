using Lockstep.Model.Specs;

namespace Lockstep.Worker.Tests;

/// <summary>A run of ten steps on images of four pixels.</summary>
internal static class SmallSpec
{
    public static RunSpec Of(int shards) => new()
    {
        Model = ModelSpec.Parse("4-2"),
        Seed = 3,
        BatchSize = 8,
        Shards = shards,
        TotalSteps = 10,
        Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 0 },
        Data = new DataSpec { Name = "test", Sha256 = new string('0', 64), TrainingExamples = 8, ValidationExamples = 1 },
    };
}
