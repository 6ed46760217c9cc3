using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>Training of layers that read maps or normalise. See also <see cref="GradientTests"/> and the golden cases.</summary>
public class LayerTrainingTests
{
    private const string Norms = "12x11-conv:6x5p2-bn-pool2-conv:18x3-bn-17-bn-12-ln-5";

    public static TheoryData<string, double> Runs => new()
    {
        { "12x11-conv:6x5p2-pool2-conv:9x3-avgpool2s1-20-5", 1.0 },
        { "9x8x3-conv:5x3s2p1-7-4", 0.8 },
        { "8x8-pool2-conv:18x2-4", 1.0 },
        { Norms, 0.8 },
        { "12x11-18-ln-9-bn-5", 1.0 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Compute_AnyNodeAndWidth_EqualsItsChildrenAddedUp(string model, double inputKeepProb)
    {
        RunSpec spec = Spec(model, inputKeepProb);
        TrainingPromise.AssertNodesAreSums(spec, TestRuns.Images(spec));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Run_ResumedOnAnyLanes_EndsInTheSameBytes(string model, double inputKeepProb)
    {
        RunSpec spec = Spec(model, inputKeepProb);
        TrainingPromise.AssertResumes(spec, TestRuns.Images(spec));
    }

    /// <summary>A last batch of shards of one example each would say that nothing varies.</summary>
    [Fact]
    public void Step_ShardsOfOneExample_LeaveTheRunningVariance()
    {
        RunSpec spec = TestRuns.Spec("20-9-bn-5", batchSize: 8, shards: 4, examples: 12, steps: 2, l2: 0);
        var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
        Parameter variance = trainer.Layout.Parameters.Single(parameter => parameter.Name == "norm0/variance");
        trainer.Step();
        float[] before = variance.Of(trainer.Weights).ToArray();

        trainer.Step();

        Assert.Contains(before, value => value is > 0f and not 1f);
        Assert.All(variance.Of(trainer.Weights).ToArray().Zip(before), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    /// <summary>A change of these bytes is a decision that the changelog names.</summary>
    [Theory]
    [InlineData("12x11-conv:6x5p2-pool2-conv:9x3-avgpool2s1-20-5", 1.0, "9669f7d6be5ab09731b293f6cce8aae50b09f3cbee89a954a4f78f71c9195f5d")]
    [InlineData(Norms, 0.8, "fc5f993f074dd5547a2e3f23b8f108dd06cf74b570a0c16b7a766516c32ca23f")]
    [InlineData("12x11-18-ln-9-bn-5", 1.0, "97b8923447c898eb4fd23c10448c3eca67844086c81c0d5fc2c3253e7f089a80")]
    [InlineData("9x8x3-conv:5x3s2p1-7-4", 0.8, "3f061cc071bbdadc7707666ef93a80b5d374952df56e0faadac2b5d2f44e8019")]
    public void Run_PinnedSpec_EndsInThePinnedBytes(string model, double inputKeepProb, string sha256)
    {
        RunSpec spec = Spec(model, inputKeepProb);
        var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
        trainer.Run(spec.TotalSteps);
        Assert.True(sha256 == trainer.WeightsSha256, $"The weights have the digest {trainer.WeightsSha256}; pinned is {sha256}.");
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Evaluate_AnySplitOfTheExamples_GivesTheSameLogits(string model, double inputKeepProb)
    {
        RunSpec spec = Spec(model, inputKeepProb);
        ImageSet images = TestRuns.Images(spec);
        var trainer = new LocalTrainer(spec, images);
        trainer.Run(3);
        var evaluator = new Evaluator(spec.Model, trainer.Layout);
        int classes = spec.Model.Classes;
        float[] all = new float[40 * classes], one = new float[classes];
        evaluator.Logits(trainer.Weights, images, 0, 40, all);
        for (int i = 0; i < 40; i++)
        {
            evaluator.Logits(trainer.Weights, images, i, 1, one);
            Assert.Equal(GradientLaneTests.Bits(all.AsSpan(i * classes, classes).ToArray()), GradientLaneTests.Bits(one));
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Compute_AfterTheFirstCall_AllocatesNothing(string model, double inputKeepProb)
    {
        RunSpec spec = Spec(model, inputKeepProb);
        var layout = new ParameterLayout(spec.Model);
        var lane = new GradientLane(spec, layout, TestRuns.Images(spec), new ExampleOrder(spec));
        float[] weights = new float[layout.Length], gradient = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        TreeNode root = new ReductionTree(spec.Shards).Root;
        lane.Compute(root, BatchPosition.Of(spec, 0), weights, gradient);
        long before = GC.GetAllocatedBytesForCurrentThread();
        lane.Compute(root, BatchPosition.Of(spec, 1), weights, gradient);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RunSpec Spec(string model, double inputKeepProb) => TestRuns.Spec(
        model, batchSize: 37, shards: 5, examples: 40, keepProb: 0.6, steps: 9,
        activation: model.Contains("-ln", StringComparison.Ordinal) ? model == Norms ? Activation.Gelu : Activation.Silu : Activation.LeakyRelu, inputKeepProb: inputKeepProb);
}
