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
    public void Apply_NesterovMomentum_FollowsTheFormula()
    {
        RunSpec spec = TestRuns.Spec(
            "2-2", batchSize: 4, optimizer: new SgdSpec { LearningRate = 0.5, Momentum = 0.5, IsNesterov = true, L2 = 0.25 });
        var layout = new ParameterLayout(spec.Model);
        float[] sum = new float[layout.Length], weights = new float[layout.Length], velocity = new float[layout.Length];
        (sum[0], weights[0], velocity[0]) = (8f, 4f, 2f);
        Optimizer.Create(spec, layout).Apply(new BatchPosition(0, 0, 0, 4), sum, weights, velocity, weights);

        // g = 8/4 + 0.25·4 = 3, v = 0.5·2 + 3 = 4, w = 4 - 0.5·(3 + 0.5·4) = 1.5.
        Assert.Equal((4f, 1.5f), (velocity[0], weights[0]));
    }

    /// <summary>The norm of the mean gradient is 5, in two parameters, before the penalty.</summary>
    [Theory]
    [InlineData(2.5, 0.5)]
    [InlineData(4.999, 0.9998)]
    [InlineData(5.1, 1.0)]
    [InlineData(null, 1.0)]
    public void Apply_NormAboveTheLimit_ScalesTheGradientOfAllParameters(double? clipNorm, double share)
    {
        var sgd = new SgdSpec { LearningRate = 1, L2 = 0.25, ClipNorm = clipNorm };
        RunSpec spec = TestRuns.Spec("2-2", batchSize: 4, optimizer: sgd);
        var layout = new ParameterLayout(spec.Model);
        float[] sum = new float[layout.Length], addend = new float[layout.Length], weights = new float[layout.Length];
        int bias = layout.Layers[0].Biases.Offset;
        (sum[0], addend[0], sum[bias], weights[0]) = (8f, 4f, -16f, 4f);
        BatchPosition batch = new(0, 0, 0, 4);
        var optimizer = Optimizer.Create(spec, layout);
        Assert.True(optimizer.Apply(batch, sum, addend, weights, default, weights));

        Assert.Equal(4 - (3 * share + 0.25 * 4), weights[0], 1e-5);
        Assert.Equal(4 * share, weights[bias], 1e-5);
        if (share == 1.0)
            Assert.Equal(0.25f, optimizer.ScaleOf(batch, 400.0));
    }

    /// <summary>The largest of its gradients is 4: the limit takes the norm of all of them.</summary>
    [Fact]
    public void Apply_GradientOfManyBlocks_IsClippedAtTheNormOfTheWhole()
    {
        RunSpec spec = TestRuns.Spec("32-1024-16", batchSize: 1, optimizer: new SgdSpec { LearningRate = 1, ClipNorm = 1 });
        var layout = new ParameterLayout(spec.Model);
        float[] sum = [.. Enumerable.Range(0, layout.Length).Select(i => i % 5 - 2f)], weights = new float[layout.Length];
        var optimizer = Optimizer.Create(spec, layout);
        Assert.True(optimizer.NormBlocks > 2);
        Assert.True(optimizer.Apply(new BatchPosition(0, 0, 0, 1), sum, weights, default, weights));
        Assert.Equal(1.0, Math.Sqrt(weights.Sum(value => (double)value * value)), 1e-5);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Apply_ClippedGradientThatIsNotFinite_IsReportedAndTouchesNoOtherWeight(float wrong)
    {
        RunSpec spec = TestRuns.Spec("2-2", batchSize: 1, optimizer: new SgdSpec { LearningRate = 1, ClipNorm = 1 });
        var layout = new ParameterLayout(spec.Model);
        float[] sum = new float[layout.Length], weights = new float[layout.Length];
        (sum[0], sum[1]) = (1f, wrong);
        Assert.False(Optimizer.Create(spec, layout).Apply(new BatchPosition(0, 0, 0, 1), sum, weights, default, weights));
        Assert.Equal((-1f, false), (weights[0], float.IsFinite(weights[1])));
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
