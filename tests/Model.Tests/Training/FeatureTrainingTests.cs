using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>
/// Training on float features: a dense first layer that reads every value. See also <see cref="GradientTests"/> and the golden cases.
/// </summary>
public class FeatureTrainingTests
{
    public static TheoryData<string, double, LossKind> Runs => new()
    {
        { "20-17-5", 1.0, LossKind.SoftmaxCrossEntropy },
        { "21-33-18-7", 0.7, LossKind.SoftmaxCrossEntropy },
        { "300-6", 0.9, LossKind.MeanSquaredError },
        { "1-40-2", 1.0, LossKind.MeanSquaredError },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Compute_AnyNodeAndWidth_EqualsItsChildrenAddedUp(string model, double inputKeepProb, LossKind loss)
    {
        RunSpec spec = Spec(model, inputKeepProb, loss);
        TrainingPromise.AssertNodesAreSums(spec, TestRuns.Features(spec));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Run_ResumedOnAnyLanes_EndsInTheSameBytes(string model, double inputKeepProb, LossKind loss)
    {
        RunSpec spec = Spec(model, inputKeepProb, loss);
        TrainingPromise.AssertResumes(spec, TestRuns.Features(spec));
    }

    /// <summary>A change of these bytes is a decision that the changelog names.</summary>
    [Theory]
    [InlineData("20-17-5", 0.8, LossKind.SoftmaxCrossEntropy, "4ff97e858225deda2bc3436c687e1c6343803b3cf91b11cb9c15378081de58af")]
    [InlineData("20-17-5", 1.0, LossKind.MeanSquaredError, "72efde3f72ce0952d22ad2fcd6593f7d4ef0eeaf0915efd84d37f5aced719326")]
    public void Run_PinnedSpec_EndsInThePinnedBytes(string model, double inputKeepProb, LossKind loss, string sha256)
    {
        RunSpec spec = Spec(model, inputKeepProb, loss);
        var trainer = new LocalTrainer(spec, TestRuns.Features(spec));
        trainer.Run(spec.TotalSteps);
        Assert.True(sha256 == trainer.WeightsSha256, $"The weights have the digest {trainer.WeightsSha256}; pinned is {sha256}.");
    }

    [Theory]
    [InlineData(LossKind.SoftmaxCrossEntropy)]
    [InlineData(LossKind.MeanSquaredError)]
    public void Run_ExclusiveOrOfSigns_IsLearnt(LossKind loss)
    {
        RunSpec spec = TestRuns.Spec(
            "2-16-2", batchSize: 4, shards: 2, examples: 4, l2: 0, learningRate: 0.2, steps: 1000, activation: Activation.Tanh,
            initializer: Initializer.Parse("random_normal(0, 1)")) with
        { Loss = loss };
        FeatureSet features = FeatureSet.FromRows([-1f, -1f, -1f, 1f, 1f, -1f, 1f, 1f], new byte[] { 0, 1, 1, 0 }, 2);
        var trainer = new LocalTrainer(spec, features);
        trainer.Run(spec.TotalSteps);

        var evaluator = new Evaluator(spec.Model, trainer.Layout, loss);
        EvaluationResult result = evaluator.Evaluate(trainer.Weights, features, 0, features.Count);
        var answers = new int[4];
        var outputs = new float[8];
        evaluator.Predict(trainer.Weights, features, 0, 4, outputs, answers);
        Assert.Equal(1.0, result.Accuracy);
        Assert.InRange(result.Loss, 0.0, 0.05);
        Assert.Equal([0, 1, 1, 0], answers);
        Assert.InRange(outputs[1], -0.1f, 0.1f);
        Assert.InRange(outputs[3], 0.9f, 1.1f);
    }

    [Fact]
    public void Constructor_FeaturesThatDoNotFit_AreRefusedWithBothSizes()
    {
        RunSpec spec = TestRuns.Spec("20-5"), wider = TestRuns.Spec("21-5");
        var refused = Assert.Throws<ArgumentException>(() => new LocalTrainer(wider, TestRuns.Features(spec)));
        Assert.Contains("Examples have 20 features; the model 21-5 takes 21", refused.Message, StringComparison.Ordinal);
    }

    private static RunSpec Spec(string model, double inputKeepProb, LossKind loss) => TestRuns.Spec(
        model, batchSize: 13, shards: 5, examples: 40, keepProb: 0.6, steps: 9, activation: Activation.LeakyRelu,
        inputKeepProb: inputKeepProb)
        with
    { Loss = loss };
}
