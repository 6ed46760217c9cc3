using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>Regression: float targets. See also <see cref="GradientTests"/> and the golden cases.</summary>
public class TargetTrainingTests
{
    [Theory]
    [InlineData("20-17-5")]
    [InlineData("21-33-1")]
    [InlineData("4-19")]
    public void Compute_AnyNodeAndWidth_EqualsItsChildrenAddedUp(string model)
    {
        RunSpec spec = Spec(model);
        TrainingPromise.AssertNodesAreSums(spec, TestRuns.Targets(spec));
    }

    [Theory]
    [InlineData("20-17-5")]
    [InlineData("21-33-1")]
    public void Run_ResumedOnAnyLanes_EndsInTheSameBytes(string model)
    {
        RunSpec spec = Spec(model);
        TrainingPromise.AssertResumes(spec, TestRuns.Targets(spec));
    }

    /// <summary>A change of these bytes is a decision that the changelog names.</summary>
    [Fact]
    public void Run_PinnedSpec_EndsInThePinnedBytes()
    {
        const string sha256 = "4a7737c2926fddc17448a692c6ce74565d651d1ef508123af53745174bfc0d1f";
        RunSpec spec = Spec("20-17-5");
        var trainer = new LocalTrainer(spec, TestRuns.Targets(spec));
        trainer.Run(spec.TotalSteps);
        Assert.True(sha256 == trainer.WeightsSha256, $"The weights have the digest {trainer.WeightsSha256}; pinned is {sha256}.");
    }

    [Fact]
    public void Run_LinearFunctions_AreLearntAndScored()
    {
        RunSpec spec = TestRuns.Spec("3-2", batchSize: 10, shards: 2, examples: 60, l2: 0, learningRate: 0.05, steps: 600) with
        {
            Loss = LossKind.TargetSquaredError,
        };
        FeatureSet rows = TestRuns.Features(spec);
        float[] targets = new float[2 * rows.Count];
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> x = rows.Values.Slice(3 * row, 3);
            targets[2 * row] = 0.5f * x[0] - x[1] + 0.25f;
            targets[2 * row + 1] = 100 * x[2];
        }

        FeatureSet data = FeatureSet.FromTargets(rows.Values, targets, 3, 2);
        var trainer = new LocalTrainer(spec, data);
        trainer.Run(spec.TotalSteps);

        EvaluationResult result = new Evaluator(spec.Model, trainer.Layout, spec.Loss).Evaluate(trainer.Weights, data, 0, data.Count);
        Assert.InRange(result.R2!.Value, 0.9999, 1);
        Assert.All(result.Targets!, target => Assert.InRange(target.R2, 0.9999, 1));
        Assert.Equal((double.NaN, 0), (result.Accuracy, result.Correct));
    }

    /// <summary>By the formulas of scikit-learn's r2_score, mean_squared_error and mean_absolute_error.</summary>
    [Fact]
    public void Evaluate_AnyRows_HasTheScoresOfTheFormulas()
    {
        RunSpec spec = Spec("5-3") with { Data = Spec("5-3").Data with { TrainingExamples = 300 } };
        FeatureSet data = TestRuns.Targets(spec);
        var trainer = new LocalTrainer(spec, data);
        var evaluator = new Evaluator(spec.Model, trainer.Layout, spec.Loss);
        const int first = 7, count = 290; // more than a chunk
        float[] outputs = new float[3 * count];
        evaluator.Logits(trainer.Weights, data, first, count, outputs);

        EvaluationResult result = evaluator.Evaluate(trainer.Weights, data, first, count);

        for (int target = 0; target < 3; target++)
        {
            double[] truth = [.. Enumerable.Range(first, count).Select(row => (double)data.Targets[3 * row + target])];
            double[] errors = [.. truth.Select((y, row) => outputs[3 * row + target] - y)];
            double mean = truth.Average();
            TargetScore score = result.Targets![target];
            Assert.Equal(1 - errors.Sum(e => e * e) / truth.Sum(y => (y - mean) * (y - mean)), score.R2, 12);
            Assert.Equal(Math.Sqrt(errors.Average(e => e * e)), score.RootMeanSquare, 12);
            Assert.Equal(errors.Average(Math.Abs), score.MeanAbsolute, 12);
        }

        Assert.Equal(result.Targets!.Average(target => target.R2), result.R2);
        Assert.Equal(result.Targets!.Average(target => target.MeanSquare), result.Loss, 6);
        Assert.Equal(result.R2!.Value, result.Of(ValidationMetric.R2));
    }

    [Theory]
    [InlineData(2f, 1.0)]
    [InlineData(3f, 0.0)]
    public void Evaluate_TargetsThatAreAllEqual_HaveR2OneOrZero(float target, double expected)
    {
        RunSpec spec = Spec("2-1");
        FeatureSet data = FeatureSet.FromTargets(new float[6], [target, target, target], 2, 1);
        var trainer = new LocalTrainer(spec with { Data = spec.Data with { TrainingExamples = 3 }, BatchSize = 3 }, data);
        float[] weights = new float[trainer.Layout.Length];
        weights[trainer.Layout.Layers[0].Biases.Offset] = 2f;

        Assert.Equal(expected, new Evaluator(spec.Model, trainer.Layout, spec.Loss).Evaluate(weights, data, 0, 3).R2);
    }

    [Fact]
    public void Constructor_OtherNumberOfTargetsOrNone_IsRefusedWithBoth()
    {
        RunSpec spec = Spec("5-3"), other = Spec("5-2");
        Assert.Contains(
            "Examples have 2 targets; the model has 3 outputs",
            Assert.Throws<ArgumentException>(() => new LocalTrainer(spec, TestRuns.Targets(other)).Step()).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Examples have 0 targets; the model has 3 outputs",
            Assert.Throws<ArgumentException>(() => new LocalTrainer(spec, TestRuns.Features(spec)).Step()).Message,
            StringComparison.Ordinal);
    }

    private static RunSpec Spec(string model) => TestRuns.Spec(
        model, batchSize: 13, shards: 5, examples: 40, keepProb: 0.6, steps: 9, activation: Activation.LeakyRelu, learningRate: 0.02) with
    {
        Loss = LossKind.TargetSquaredError,
    };
}
