using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class LanesTests
{
    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    [InlineData(8, 3)]
    [InlineData(5, 2)]
    [InlineData(5, 4)]
    [InlineData(5, 64)]
    [InlineData(1, 2)]
    public void Step_AnyLanes_HasTheBitsOfOne(int shards, int lanes)
    {
        RunSpec spec = TestRuns.Spec(shards: shards, keepProb: 0.7, optimizer: lanes == 3 ? new AdamWSpec { LearningRate = 0.01 } : null);
        ImageSet images = TestRuns.Images(spec);
        var local = new LocalTrainer(spec, images);
        _ = local.Step();
        var parallel = new LocalTrainer(spec, images, local.CompletedSteps, local.Weights, local.State, lanes);

        for (int i = 0; i < 12; i++)
        {
            NodeStatistics expected = local.Step(), actual = parallel.Step();

            Assert.Equal(expected, actual);
            Assert.Equal(GradientLaneTests.Bits(local.Weights), GradientLaneTests.Bits(parallel.Weights));
            Assert.Equal(GradientLaneTests.Bits(local.State), GradientLaneTests.Bits(parallel.State));
        }

        Assert.Equal(local.CompletedSteps, parallel.CompletedSteps);
    }
}
