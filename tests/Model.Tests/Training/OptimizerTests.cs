using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Training;

public class OptimizerTests
{
    // 30 examples in batches of 8: 4 steps an epoch; 12 steps.
    [Theory]
    [InlineData("constant", 0, 0.1)]
    [InlineData("constant", 11, 0.1)]
    [InlineData("constant+warmup:4", 0, 0.025)]
    [InlineData("constant+warmup:4", 3, 0.1)]
    [InlineData("constant+warmup:4", 4, 0.1)]
    [InlineData("step:1:0.5", 3, 0.1)]
    [InlineData("step:1:0.5", 4, 0.05)]
    [InlineData("step:1:0.5", 11, 0.025)]
    [InlineData("step:2:0.5", 7, 0.1)]
    [InlineData("step:2:0.5", 8, 0.05)]
    [InlineData("cosine", 0, 0.1)]
    [InlineData("cosine", 11, 0.0)]
    [InlineData("cosine:0.2", 11, 0.02)]
    [InlineData("cosine+warmup:2", 1, 0.1)]
    [InlineData("cosine+warmup:2", 2, 0.1)]
    [InlineData("cosine+warmup:2", 11, 0.0)]
    [InlineData("cosine", 400, 0.0)]
    public void LearningRate_Schedule_HasItsValueAtTheStep(string schedule, long step, double expected)
    {
        RunSpec spec = TestRuns.Spec(steps: 12, schedule: LearningRateSchedule.Parse(schedule));
        Assert.Equal(expected, Optimizer.Create(spec, new ParameterLayout(spec.Model)).LearningRate(step), 1e-15);
    }

    [Fact]
    public void LearningRate_Cosine_FallsAlongTheCosine()
    {
        RunSpec spec = TestRuns.Spec(steps: 101, schedule: LearningRateSchedule.Parse("cosine:0.1"));
        var optimizer = Optimizer.Create(spec, new ParameterLayout(spec.Model));
        for (int step = 0; step <= 100; step++)
            Assert.Equal(0.1 * (0.1 + 0.9 * (1 + Math.Cos(Math.PI * step / 100)) / 2), optimizer.LearningRate(step), 1e-15);
    }

    [Fact]
    public void Apply_MomentumAndL2_FollowTheFormula()
    {
        RunSpec spec = TestRuns.Spec("2-2", batchSize: 4, momentum: 0.5, l2: 0.25, learningRate: 0.5);
        var layout = new ParameterLayout(spec.Model);
        var optimizer = Optimizer.Create(spec, layout);
        float[] sum = new float[layout.Length], weights = new float[layout.Length], velocity = new float[layout.Length],
        updated = new float[layout.Length];
        int bias = layout.Layers[0].Biases.Offset;
        (sum[0], weights[0], velocity[0]) = (8f, 4f, 2f);
        (sum[bias], weights[bias], velocity[bias]) = (8f, 4f, 2f);
        optimizer.Apply(new BatchPosition(0, 0, 0, 4), sum, weights, velocity, updated);

        // Weight: g = 8/4 + 0.25·4 = 3, v = 0.5·2 + 3 = 4, w = 4 - 0.5·4 = 2. Bias: g = 2, v = 3, w = 2.5.
        Assert.Equal((4f, 2f), (velocity[0], updated[0]));
        Assert.Equal((3f, 2.5f), (velocity[bias], updated[bias]));
        Assert.Equal(4f, weights[0]);
        optimizer.Apply(new BatchPosition(0, 0, 0, 2), sum, weights, velocity, weights);
        Assert.Equal((2f + 5f, 0.5f), (velocity[0], weights[0]));
    }

    [Fact]
    public void Apply_SumInTwoParts_GivesTheBitsOfTheSum()
    {
        RunSpec spec = TestRuns.Spec("5-4-3", batchSize: 7, momentum: 0.9, l2: 0.01, learningRate: 0.1);
        var layout = new ParameterLayout(spec.Model);
        var optimizer = Optimizer.Create(spec, layout);
        float[] Draw(int seed) => [.. Enumerable.Range(0, layout.Length).Select(i => MathF.Sin(i * 12.9898f + seed))];
        float[] left = Draw(1), right = Draw(2), weights = Draw(3), sum = new float[layout.Length];
        GradientSum.Add(left, right, sum);
        float[] velocity = Draw(4), velocityOfParts = Draw(4), updated = new float[layout.Length],
        updatedByParts = new float[layout.Length];
        BatchPosition batch = BatchPosition.Of(spec, 0);
        optimizer.Apply(batch, sum, weights, velocity, updated);
        optimizer.Apply(batch, left, right, weights, velocityOfParts, updatedByParts);
        Assert.Equal(updated, updatedByParts);
        Assert.Equal(velocity, velocityOfParts);
        Assert.Throws<ArgumentException>(() => optimizer.Apply(batch, left, right.AsSpan(1), weights, velocity, updated));
    }

    [Fact]
    public void Apply_VectorOfAnotherLength_IsRefused()
    {
        RunSpec spec = TestRuns.Spec();
        var layout = new ParameterLayout(spec.Model);
        var optimizer = Optimizer.Create(spec, layout);
        var vector = new float[layout.Length];
        Assert.Throws<ArgumentException>(() => optimizer.Apply(BatchPosition.Of(spec, 0), vector, vector, default, vector));
        Assert.Throws<ArgumentException>(() => optimizer.Apply(BatchPosition.Of(spec, 0), vector.AsSpan(1), vector, vector, vector));
    }
}
