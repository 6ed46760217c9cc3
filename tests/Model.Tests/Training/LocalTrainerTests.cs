using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class LocalTrainerTests
{
    public static TheoryData<OptimizerSpec> Optimizers => new()
    {
        new SgdSpec { LearningRate = 0.1, Schedule = LearningRateSchedule.Parse("cosine:0.1+warmup:3"), Momentum = 0.9, L2 = 1e-3 },
        new SgdSpec { LearningRate = 0.1 },
        new AdamWSpec { LearningRate = 0.01, Schedule = LearningRateSchedule.Parse("cosine:0.1+warmup:3"), L2 = 1e-3 },
        new SgdSpec { LearningRate = 0.1, Momentum = 0.9, IsNesterov = true, L2 = 1e-3, ClipNorm = 0.5 },
        new AdamWSpec { LearningRate = 0.01, WeightDecay = 0, L2 = 1e-3, ClipNorm = 0.5 },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Run_ResumedAtAnyStep_EndsInTheSameBytes(OptimizerSpec optimizer)
    {
        RunSpec spec = TestRuns.Spec(keepProb: 0.7, optimizer: optimizer);
        ImageSet images = TestRuns.Images(spec);
        var whole = new LocalTrainer(spec, images);
        whole.Run(spec.TotalSteps);
        var first = new LocalTrainer(spec, images);
        for (long step = 0; step < spec.TotalSteps; step++)
        {
            var second = new LocalTrainer(spec, images, first.CompletedSteps, first.Weights, first.State);
            second.Run(spec.TotalSteps - step);
            Assert.Equal(whole.WeightsSha256, second.WeightsSha256);
            Assert.Equal(GradientLaneTests.Bits(whole.State), GradientLaneTests.Bits(second.State));
            first.Step();
        }
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Run_EveryWidth_EndsInTheSameBytes(OptimizerSpec optimizer)
    {
        RunSpec spec = TestRuns.Spec(keepProb: 0.7, optimizer: optimizer);
        Assert.Single(KernelDispatch.Available.Select(width =>
        {
            var trainer = new LocalTrainer(spec, TestRuns.Images(spec), width);
            trainer.Run(spec.TotalSteps);
            return trainer.WeightsSha256;
        }).Distinct());
    }

    [Theory]
    [InlineData(0.1, false)]
    [InlineData(0.0, true)]
    [InlineData(0.1, true)]
    public void Run_SmoothedLabelsAndClassWeightsAtEveryWidthAndLanes_EndsInTheSameBytes(double smoothing, bool isWeighted)
    {
        RunSpec spec = TestRuns.Spec(keepProb: 0.7) with
        {
            LabelSmoothing = smoothing,
            ClassWeights = isWeighted ? [0.5, 2.0, 0.0, 1.0, 1.0 / 3.0] : [],
        };
        var plain = new LocalTrainer(spec with { LabelSmoothing = 0, ClassWeights = [] }, TestRuns.Images(spec));
        plain.Run(spec.TotalSteps);
        string digest = Assert.Single(KernelDispatch.Available.Select(width =>
        {
            var trainer = new LocalTrainer(spec, TestRuns.Images(spec), width, lanes: (int)width % 3 + 1);
            trainer.Run(spec.TotalSteps);
            return trainer.WeightsSha256;
        }).Distinct());
        Assert.NotEqual(plain.WeightsSha256, digest);
    }

    [Fact]
    public void Run_AnotherSeedOrShardCount_EndsInOtherBytes()
    {
        string[] digests =
        [
            .. new[] { TestRuns.Spec(), TestRuns.Spec(seed: 8), TestRuns.Spec(shards: 1), TestRuns.Spec(l2: 0), TestRuns.Spec(keepProb: 0.9),
                TestRuns.Spec(inputKeepProb: 0.9), TestRuns.Spec(activation: Activation.Tanh) }.Select(spec =>
            {
                var trainer = new LocalTrainer(spec, TestRuns.Images(spec));
                trainer.Run(10);
                return trainer.WeightsSha256;
            }),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void Run_FewExamples_AreLearntByHeart()
    {
        RunSpec spec = TestRuns.Spec("20-64-5", batchSize: 10, examples: 40, l2: 0, steps: 600);
        ImageSet images = TestRuns.Images(spec);
        var trainer = new LocalTrainer(spec, images);
        trainer.Run(spec.TotalSteps);
        EvaluationResult result = new Evaluator(spec.Model, trainer.Layout).Evaluate(trainer.Weights, images, 0, images.Count);
        Assert.Equal(1.0, result.Accuracy);
        Assert.InRange(result.Loss, 0.0, 0.01);
    }

    [Theory]
    [InlineData(Activation.Linear, 0.75)]
    [InlineData(Activation.Relu, 1.0)]
    [InlineData(Activation.Tanh, 1.0)]
    [InlineData(Activation.Sigmoid, 1.0)]
    [InlineData(Activation.LeakyRelu, 1.0)]
    public void Run_ExclusiveOr_IsLearntByWhatIsNotLinear(Activation activation, double best)
    {
        RunSpec spec = TestRuns.Spec(
            "2-16-2", batchSize: 4, shards: 2, examples: 4, l2: 0, learningRate: 0.5, steps: 2000, activation: activation,
            initializer: Initializer.Parse("random_normal(0, 1)"));
        ImageSet images = ImageSet.FromDense([0, 0, 0, 255, 255, 0, 255, 255], [0, 1, 1, 0], 1, 2);
        var trainer = new LocalTrainer(spec, images);
        trainer.Run(spec.TotalSteps);
        EvaluationResult result = new Evaluator(spec.Model, trainer.Layout).Evaluate(trainer.Weights, images, 0, images.Count);
        if (best == 1.0)
            Assert.Equal(1.0, result.Accuracy);
        else
            Assert.InRange(result.Accuracy, 0.0, best);
    }

    [Theory]
    [InlineData(Activation.Linear)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.LeakyRelu)]
    public void Run_KeepProbabilityOfOne_EqualsNoDropout(Activation activation)
    {
        // 65,536 of 65,536 draws are kept, and the scale is one: the masks are drawn, but must change no bit.
        RunSpec without = TestRuns.Spec(activation: activation),
        with = TestRuns.Spec(keepProb: 1.0 - 1e-9, activation: activation, inputKeepProb: 1.0 - 1e-9);
        ImageSet images = TestRuns.Images(without);
        LocalTrainer expected = new(without, images), actual = new(with, images);
        expected.Run(10);
        actual.Run(10);
        Assert.Equal(expected.WeightsSha256, actual.WeightsSha256);
    }

    [Fact]
    public void Run_L2WithoutGradient_ShrinksWeightsButNotBiases()
    {
        // Images without pixels move the biases only; L2 alone acts on the first layer's weights.
        RunSpec spec = TestRuns.Spec("20-5", momentum: 0, l2: 0.5, learningRate: 0.1);
        ImageSet images = TestRuns.Images(spec, density: 0);
        var trainer = new LocalTrainer(spec, images);
        float[] before = trainer.Weights.ToArray();
        before.AsSpan(trainer.Layout.Layers[0].Biases.Offset, 5).Fill(0.5f);
        var plain = new LocalTrainer(spec with { Optimizer = spec.Optimizer with { L2 = 0 } }, images, 0, before, default);
        var decayed = new LocalTrainer(spec, images, 0, before, default);
        plain.Step();
        decayed.Step();
        Parameter weights = trainer.Layout.Layers[0].Weights, biases = trainer.Layout.Layers[0].Biases;
        Assert.Equal(
            plain.Weights.Slice(biases.Offset, biases.Columns).ToArray(), decayed.Weights.Slice(biases.Offset, biases.Columns).ToArray());
        for (int i = weights.Offset; i < weights.Offset + weights.PaddedCount; i++)
        {
            Assert.Equal(before[i], plain.Weights[i]);
            Assert.Equal(before[i] * 0.95, decayed.Weights[i], 1e-7);
        }
    }

    [Fact]
    public void Step_InvalidSpec_NamesEveryProblem()
    {
        RunSpec spec = TestRuns.Spec() with { BatchSize = 0, Shards = 5000 };
        var error = Assert.Throws<ArgumentException>(() => new LocalTrainer(spec, TestRuns.Images(TestRuns.Spec())));
        Assert.Contains("Batch size 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("Shards 5000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Activation.Linear, 0.8)]
    [InlineData(Activation.Relu, 1.0)]
    [InlineData(Activation.Relu, 0.8)]
    [InlineData(Activation.Tanh, 0.8)]
    [InlineData(Activation.Sigmoid, 0.8)]
    [InlineData(Activation.LeakyRelu, 0.8)]
    public void Run_ManyLanesOnTheLeaves_GivesTheBytesOfTheLocalTrainer(Activation activation, double inputKeepProb)
    {
        // What a cluster does: each lane some nodes of the tree, added up elsewhere.
        RunSpec spec = TestRuns.Spec(
            "20-33-5", batchSize: 13, shards: 6, examples: 50, keepProb: 0.8, activation: activation, inputKeepProb: inputKeepProb);
        ImageSet images = TestRuns.Images(spec);
        var local = new LocalTrainer(spec, images);
        var layout = local.Layout;
        var order = new ExampleOrder(spec);
        GradientLane[] lanes = [new(spec, layout, images, order), new(spec, layout, images, order)];
        var optimizer = Optimizer.Create(spec, layout);
        float[] weights = local.Weights.ToArray(), velocity = new float[layout.Length];
        for (long step = 0; step < 10; step++)
        {
            BatchPosition batch = BatchPosition.Of(spec, step);
            var leaves = new float[spec.Shards][];
            Parallel.For(0, 2, lane =>
            {
                for (int shard = lane; shard < spec.Shards; shard += 2)
                    lanes[lane].Compute(new TreeNode(0, shard), batch, weights, leaves[shard] = new float[layout.Length]);
            });
            GradientSum.Add(leaves[0], leaves[1], leaves[0]);
            GradientSum.Add(leaves[2], leaves[3], leaves[2]);
            GradientSum.Add(leaves[4], leaves[5], leaves[4]);
            GradientSum.Add(leaves[0], leaves[2], leaves[0]);
            GradientSum.Add(leaves[0], leaves[4], leaves[0]);
            optimizer.Apply(batch, leaves[0], weights, velocity, weights);
            local.Step();
            Assert.Equal(local.WeightsSha256, WeightsDigest.Sha256(layout, weights));
        }
    }
}
