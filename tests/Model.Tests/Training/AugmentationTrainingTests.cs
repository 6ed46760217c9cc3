using Lockstep.Model.Augmenting;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>Training on augmented images, below dense layers and below layers of maps.</summary>
public class AugmentationTrainingTests
{
    private const string All = "shift:1,rotate:30,scale:0.2,elastic:1.5,flip,vflip,noise:0.05,cutout:2";

    public static TheoryData<string, double> Models => new()
    {
        { "dense:12x11-20-5", 1.0 },
        { "dense:9x8x3-17-4", 0.8 },
        { "12x11-conv:6x5p2-pool2-conv:9x3-avgpool2s1-20-5", 1.0 },
        { "9x8x3-conv:5x3s2p1-7-4", 0.8 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Compute_AnyNodeAndWidth_EqualsItsChildrenAddedUp(string model, double inputKeepProb)
    {
        (RunSpec spec, ImageSet images) = Run(model, inputKeepProb);
        TrainingPromise.AssertNodesAreSums(spec, images);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Run_ResumedOnAnyLanes_EndsInTheSameBytes(string model, double inputKeepProb)
    {
        (RunSpec spec, ImageSet images) = Run(model, inputKeepProb);
        TrainingPromise.AssertResumes(spec, images);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Run_EveryWidthAndLanes_EndsInTheSameBytes(int shards)
    {
        (RunSpec spec, ImageSet images) = Run("9x8x3-conv:5x3s2p1-7-4", 0.8);
        spec = spec with { Shards = shards };
        Assert.Single(KernelDispatch.Available.SelectMany(width => new[] { 1, 2, 8 }.Select(lanes =>
        {
            var trainer = new LocalTrainer(spec, images, width, lanes);
            trainer.Run(spec.TotalSteps);
            return trainer.WeightsSha256;
        })).Distinct());
    }

    /// <summary>A change of these bytes is a decision that the changelog names.</summary>
    [Theory]
    [InlineData("dense:12x11-20-5", 1.0, "b8c81bd41bb00a2624f690583cda8c63ed3ba59ff42bf3ec2e327acf8a7e0cb3")]
    [InlineData("9x8x3-conv:5x3s2p1-7-4", 0.8, "aa0e9383a406be86055f97b43d6621e73c05d024b89aac26c44facc6face5b95")]
    public void Run_PinnedSpec_EndsInThePinnedBytes(string model, double inputKeepProb, string sha256)
    {
        (RunSpec spec, ImageSet images) = Run(model, inputKeepProb);
        var trainer = new LocalTrainer(spec, images);
        trainer.Run(spec.TotalSteps);
        Assert.True(sha256 == trainer.WeightsSha256, $"The weights have the digest {trainer.WeightsSha256}; pinned is {sha256}.");
    }

    /// <summary>An epoch in one batch is the same as training on the images that the augmenter makes for it.</summary>
    [Fact]
    public void Step_ImagesOfAnEpoch_AreThoseOfTheAugmenter()
    {
        (RunSpec spec, ImageSet images) = Run("dense:12x11-20-5", 1.0);
        spec = spec with { BatchSize = images.Count };
        var trainer = new LocalTrainer(spec, images);
        var augmenter = new ImageAugmenter(spec.Augmentation!, images.Height, images.Width, images.Channels, spec.Seed);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            byte[] pixels = new byte[images.Count * images.Pixels];
            for (int i = 0; i < images.Count; i++)
            {
                Span<byte> image = pixels.AsSpan(i * images.Pixels, images.Pixels);
                images.CopyPixels(i, image);
                augmenter.Apply(image, epoch, i, image);
            }

            var changed = ImageSet.FromDense(pixels, images.Labels, images.Height, images.Width, images.Channels);
            var plain = new LocalTrainer(
                spec with { Augmentation = null }, changed, trainer.CompletedSteps, trainer.Weights, trainer.State);
            Assert.Equal(plain.Step(), trainer.Step());
            Assert.Equal(plain.WeightsSha256, trainer.WeightsSha256);
        }
    }

    [Fact]
    public void Evaluate_AfterAugmentedTraining_SeesTheImagesAsTheyAre()
    {
        (RunSpec spec, ImageSet images) = Run("dense:12x11-20-5", 1.0);
        var trainer = new LocalTrainer(spec, images);
        trainer.Run(5);
        var lane = new Network(trainer.Layout, KernelDispatch.Width, new InputTraining(0.5, spec.Augmentation), spec.Seed);
        lane.Load(images, [3], rows: null);
        lane.Forward(trainer.Weights, [0, 1], isTraining: false);
        float[] logits = new float[5];
        new Evaluator(spec.Model, trainer.Layout).Logits(trainer.Weights, images, 3, 1, logits);
        Assert.Equal(logits, lane.Output[..5].ToArray());
    }

    [Fact]
    public void Compute_AfterTheFirstCall_AllocatesNothing()
    {
        (RunSpec spec, ImageSet images) = Run("dense:9x8x3-17-4", 0.8);
        var layout = new ParameterLayout(spec.Model);
        var lane = new GradientLane(spec, layout, images, new ExampleOrder(spec));
        float[] weights = new float[layout.Length], gradient = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        TreeNode root = new ReductionTree(spec.Shards).Root;
        lane.Compute(root, BatchPosition.Of(spec, 0), weights, gradient);
        lane.Compute(root, BatchPosition.Of(spec, 2), weights, gradient);
        long before = GC.GetAllocatedBytesForCurrentThread();
        lane.Compute(root, BatchPosition.Of(spec, 0), weights, gradient);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Lane_Rows_AreRefused()
    {
        RunSpec spec = TestRuns.Spec() with { Augmentation = AugmentationSpec.Parse("shift:2") };
        var error = Assert.Throws<ArgumentException>(() => new LocalTrainer(spec, TestRuns.Features(spec)));
        Assert.Contains(
            "The augmentation shift:2 is for images, and these examples are rows of numbers. Leave it out.", error.Message,
            StringComparison.Ordinal);
    }

    // A dense model takes the values of images whose size it does not know: dense:12x11-20-5 has 132 inputs.
    private static (RunSpec Spec, ImageSet Images) Run(string model, double inputKeepProb)
    {
        string[] parts = model.Replace("dense:", "", StringComparison.Ordinal).Split('-');
        int[] size = [.. parts[0].Split('x').Select(int.Parse)];
        RunSpec spec = TestRuns.Spec(
            model.StartsWith("dense:", StringComparison.Ordinal)
                ? string.Join('-', [$"{size.Aggregate((a, b) => a * b)}", .. parts[1..]])
                : model,
            batchSize: 37, shards: 5, examples: 40, keepProb: 0.6, steps: 9, inputKeepProb: inputKeepProb);
        ImageSet images = TestRuns.Images(spec);
        byte[] pixels = new byte[images.Count * images.Pixels];
        for (int i = 0; i < images.Count; i++)
            images.CopyPixels(i, pixels.AsSpan(i * images.Pixels));
        return (
            spec with { Augmentation = AugmentationSpec.Parse(All) },
            ImageSet.FromDense(pixels, images.Labels, size[0], size[1], size.Length > 2 ? size[2] : 1));
    }
}
