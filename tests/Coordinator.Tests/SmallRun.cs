using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Tests;

/// <summary>Options of a run on two images of four pixels.</summary>
internal static class SmallRun
{
    public static TrainingOptions Options(string model = "4-2", double momentum = 0.0, double l2 = 0.0)
    {
        var images = ImageSet.FromDense([1, 2, 3, 4, 5, 6, 7, 8], [0, 1], 2, 2);
        var data = new Dataset("test", images, images);
        return new TrainingOptions
        {
            Spec = new RunSpec
            {
                Model = ModelSpec.Parse(model),
                Seed = 1,
                BatchSize = 1,
                Shards = 1,
                TotalSteps = 10,
                Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = momentum, L2 = l2 },
                Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = 1, ValidationExamples = 1 },
            },
            Data = data,
            CheckpointDirectory = "",
        };
    }
}
