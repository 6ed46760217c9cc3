using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Random;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class GradientTests
{
    public static TheoryData<string, Activation, double, double> Networks
    {
        get
        {
            var data = new TheoryData<string, Activation, double, double> { { "12-5", Activation.Linear, 1.0, 1.0 }, { "12-5", Activation.Linear, 1.0, 0.6 } };
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                data.Add("12-9-5", activation, 1.0, 1.0);
                data.Add("12-9-5", activation, 0.6, 1.0);
                data.Add("12-9-8-5", activation, 0.7, 1.0);
                data.Add("12-9-8-5", activation, 0.7, 0.8);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Compute_EveryParameter_MatchesFiniteDifferencesInDoublePrecision(
        string model, Activation activation, double keepProb, double inputKeepProb)
    {
        RunSpec spec = TestRuns.Spec(
            model, batchSize: 11, shards: 3, examples: 11, keepProb: keepProb, activation: activation, inputKeepProb: inputKeepProb);
        AssertSlopes(spec, TestRuns.Images(spec));
        AssertSlopes(spec, TestRuns.Features(spec));
        AssertSlopes(spec with { Loss = LossKind.MeanSquaredError }, TestRuns.Features(spec));
        AssertSlopes(spec with { Loss = LossKind.TargetSquaredError }, TestRuns.Targets(spec));
    }

    [Theory]
    [InlineData(0.3, false)]
    [InlineData(0.0, true)]
    [InlineData(0.3, true)]
    public void Compute_SmoothedLabelsAndClassWeights_MatchesFiniteDifferencesInDoublePrecision(double smoothing, bool isWeighted)
    {
        RunSpec spec = TestRuns.Spec("12-9-5", batchSize: 11, shards: 3, examples: 11, activation: Activation.Tanh) with
        {
            LabelSmoothing = smoothing,
            ClassWeights = isWeighted ? [0.5, 2.0, 0.0, 1.0, 3.5] : [],
        };
        AssertSlopes(spec, TestRuns.Features(spec));
    }

    [Theory]
    [InlineData("6x5-conv:3x3p1-pool2-4", Activation.Tanh)]
    [InlineData("6x5-conv:3x3-4", Activation.Relu)]
    [InlineData("5x6x3-conv:2x2s2-conv:17x2p1-avgpool2s1-5-3", Activation.LeakyRelu)]
    [InlineData("7x7-pool3s2-conv:4x3s3p2-6-3", Activation.Sigmoid)]
    [InlineData("6x6x3-avgpool2-3", Activation.Linear)]
    public void Compute_LayersOfMaps_MatchFiniteDifferencesInDoublePrecision(string model, Activation activation)
    {
        RunSpec spec = TestRuns.Spec(model, batchSize: 19, shards: 3, examples: 19, activation: activation);
        AssertSlopes(spec, TestRuns.Images(spec, density: 0.7));
    }

    [Theory]
    [InlineData("12-9-bn-5", Activation.Tanh)]
    [InlineData("12-9-bn-7-ln-5", Activation.Silu)]
    [InlineData("12-18-ln-5", Activation.Gelu)]
    [InlineData("6x5-conv:3x3p1-bn-pool2-6-bn-4", Activation.Sigmoid)]
    [InlineData("5x6x3-conv:17x2s2-bn-conv:5x2p1-bn-avgpool2s1-5-ln-3", Activation.Gelu)]
    public void Compute_LayersThatNormalise_MatchFiniteDifferencesInDoublePrecision(string model, Activation activation)
    {
        RunSpec spec = TestRuns.Spec(model, batchSize: 19, shards: 3, examples: 19, keepProb: 0.7, activation: activation);
        AssertSlopes(spec, TestRuns.Images(spec, density: 0.7));

        // A frozen running average takes the place of the batch's.
        ModelSpec frozen = spec.Model.WithParameters(
            parameter => parameter.Name.EndsWith("/mean", StringComparison.Ordinal) || parameter.Name.EndsWith("/variance", StringComparison.Ordinal)
                ? parameter with { IsTrainable = false, Initializer = Initializer.Parse("constant(0.3)") }
                : parameter);
        AssertSlopes(spec with { Model = frozen }, TestRuns.Images(spec, density: 0.7));
    }

    /// <summary>The norm that gradients are clipped at takes the padding, too.</summary>
    [Theory]
    [InlineData("12-9-5")]
    [InlineData("12-9-bn-7-ln-5")]
    [InlineData("6x5-conv:3x3p1-bn-pool2-4")]
    [InlineData("6x5-conv:3x3p1-pool2-4")]
    public void Compute_PaddingOfTheGradient_IsZero(string model)
    {
        RunSpec spec = TestRuns.Spec(model, batchSize: 19, shards: 3, examples: 19, activation: Activation.Sigmoid);
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length], gradient = new float[layout.TrainableLength];
        Initialization.Fill(spec, layout, weights);
        var lane = new GradientLane(spec, layout, TestRuns.Images(spec), new ExampleOrder(spec));
        lane.Compute(new ReductionTree(spec.Shards).Root, BatchPosition.Of(spec, 0), weights, gradient);
        foreach (Parameter parameter in layout.Trainable)
        {
            float[] values = new float[parameter.Count];
            parameter.CopyOut(gradient, values);
            parameter.CopyIn(new float[parameter.Count], gradient);
            Assert.Contains(values, value => value != 0f);
        }

        Assert.All(gradient, value => Assert.Equal(0f, value));
    }

    private static void AssertSlopes(RunSpec spec, Examples data)
    {
        double inputKeepProb = spec.Model.InputKeepProb;
        var layout = new ParameterLayout(spec.Model);
        var order = new ExampleOrder(spec);
        var weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        foreach (LayerParameters layer in layout.Layers.Where(layer => layer.Parameters.Count > 0))
        {
            // Not zero: with an image without pixels the sums would lie right on the kink of the ReLU.
            for (int j = 0; j < layer.Biases.Columns; j++)
                weights[layer.Biases.Offset + j] = 0.05f * (j % 3 - 1.5f);
            for (int j = 0; j < layer.Weights.Columns && layer.Spec is NormalizationSpec; j++)
                weights[layer.Weights.Offset + j] = 1f + 0.2f * (j % 4 - 2);
        }

        var lane = new GradientLane(spec, layout, data, order);
        var gradient = new float[layout.TrainableLength];
        BatchPosition batch = BatchPosition.Of(spec, 0);
        NodeStatistics statistics = lane.Compute(new ReductionTree(spec.Shards).Root, batch, weights, gradient);

        int[] examples = order.Epoch(0).ToArray();
        int inputStride = RowPadding.Pad(spec.Model.Inputs);
        var inputMask = new uint[examples.Length * inputStride];
        DropoutMask.Fill(
            SimdWidth.Scalar, inputMask, inputStride, DropoutMask.Threshold(inputKeepProb), spec.Seed, 0, DropoutMask.InputLayer, 0);
        double[] at = [.. weights.Select(value => (double)value)];
        double Loss() => ReferenceNetwork.LossSum(
            spec, layout, at, data, examples,
            (layer, row, unit) => layer < 0
                ? inputKeepProb == 1.0 || inputMask[row * inputStride + unit] != 0
                : MaskOf(lane.Network.Layers[layer]) is { IsEmpty: false } mask
                    ? mask[row * layout.Layers[layer].Weights.Stride + unit] != 0
                    : true);
        Assert.Equal(Loss(), statistics.LossSum, 1e-4);

        const double h = 1e-6;
        foreach (Parameter parameter in layout.Trainable.Where(parameter => !parameter.IsStatistic))
        {
            for (int row = 0; row < parameter.Rows; row++)
            {
                for (int column = 0; column < parameter.Columns; column++)
                {
                    int i = parameter.Offset + row * parameter.Stride + column;
                    double value = at[i];
                    at[i] = value + h;
                    double above = Loss();
                    at[i] = value - h;
                    double slope = (above - Loss()) / (2 * h);
                    at[i] = value;
                    if (!(Math.Abs(slope - gradient[i]) <= 1e-4 * (1 + Math.Abs(slope))))
                        Assert.Fail($"{parameter.Name}[{row}, {column}]: gradient {gradient[i]}, slope of the loss {slope}.");
                }
            }
        }
    }

    private static ReadOnlySpan<uint> MaskOf(Layer layer) => layer switch
    {
        DenseLayer dense => dense.Mask,
        NormalizationLayer norm => norm.Mask,
        _ => default,
    };

    [Theory]
    [InlineData(Activation.Relu, 1.0, false)]
    [InlineData(Activation.Tanh, 0.5, false)]
    [InlineData(Activation.Relu, 0.5, true)]
    public void Compute_AfterTheFirstCall_AllocatesNothing(Activation activation, double inputKeepProb, bool hasFeatures)
    {
        RunSpec spec = TestRuns.Spec(
            "30-40-20-5", batchSize: 16, shards: 5, examples: 64, keepProb: 0.5, activation: activation, inputKeepProb: inputKeepProb)
            with
        { Loss = hasFeatures ? LossKind.MeanSquaredError : LossKind.SoftmaxCrossEntropy };
        var layout = new ParameterLayout(spec.Model);
        var lane = new GradientLane(spec, layout, hasFeatures ? TestRuns.Features(spec) : TestRuns.Images(spec), new ExampleOrder(spec));
        float[] weights = new float[layout.Length], gradient = new float[layout.Length], velocity = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        var optimizer = Optimizer.Create(spec, layout);
        TreeNode root = new ReductionTree(spec.Shards).Root;
        Step(0);
        Step(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step(2);
        Step(3);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step(long step)
        {
            BatchPosition batch = BatchPosition.Of(spec, step);
            lane.Compute(root, batch, weights, gradient);
            optimizer.Apply(batch, gradient, weights, velocity, weights);
        }
    }

    [Fact]
    public void Compute_WrongArguments_AreRefused()
    {
        RunSpec spec = TestRuns.Spec(shards: 5);
        var layout = new ParameterLayout(spec.Model);
        ImageSet images = TestRuns.Images(spec);
        var lane = new GradientLane(spec, layout, images, new ExampleOrder(spec));
        BatchPosition batch = BatchPosition.Of(spec, 0);
        var vector = new float[layout.Length];
        Assert.Throws<ArgumentException>(() => lane.Compute(new TreeNode(0, 5), batch, vector, vector));
        Assert.Throws<ArgumentException>(() => lane.Compute(new TreeNode(4, 0), batch, vector, vector));
        Assert.Throws<ArgumentException>(() => lane.Compute(new TreeNode(0, 0), batch, vector.AsSpan(1), vector));

        RunSpec wider = TestRuns.Spec("21-17-5");
        Assert.Throws<ArgumentException>(() => new GradientLane(wider, new ParameterLayout(wider.Model), images, new ExampleOrder(wider)));
        RunSpec longer = TestRuns.Spec(examples: 31);
        Assert.Throws<ArgumentException>(() => new GradientLane(longer, layout, images, new ExampleOrder(longer)));
        RunSpec fewerClasses = TestRuns.Spec("20-17-3");
        Assert.Throws<ArgumentException>(
            () => new GradientLane(fewerClasses, new ParameterLayout(fewerClasses.Model), images, new ExampleOrder(fewerClasses)));
    }
}
