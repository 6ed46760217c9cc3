using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Tests.Kernels;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

/// <summary>Training on features of which most are zero: other kernels, the same bits.</summary>
public class SparseFeatureTests
{
    private static readonly RunSpec Spec = TestRuns.Spec(
        "93-70-33-3", batchSize: 29, shards: 5, examples: 80, keepProb: 0.6, steps: 9, activation: Activation.LeakyRelu,
        inputKeepProb: 0.8);

    public static TheoryData<int, int, int, double> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, int, double>();
            foreach (int features in new[] { 1, 2, 23, 24, 301 })
            {
                foreach (int units in new[] { 5, 40, 70, 150 })
                {
                    data.Add(features, units, 7, 1.0);
                    data.Add(features, units, PixelColumns.ChunkRows + 9, 0.7);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void MultiplyAndGradient_EveryWidth_GiveTheBitsOfTheDenseForm(int features, int units, int rows, double keepProb)
    {
        FeatureSet set = Rows(features);
        int stride = RowPadding.Pad(units);
        var step = new BatchRows(5, 0, 3, rows);
        int[] examples = [.. Enumerable.Range(0, rows).Select(row => row * 7 % set.Count)];
        foreach (KernelCases.Content content in new[] { KernelCases.Content.Ordinary, KernelCases.Content.Extreme })
        {
            float[] weights = KernelCases.Values(features * stride, content, 1), biases = KernelCases.Values(stride, content, 2),
                deltas = KernelCases.Values(rows * stride, content, 3);
            foreach (int shards in new[] { 1, 3, 8 })
            {
                int[] bounds = [.. Enumerable.Range(0, shards + 1).Select(s => s * rows / shards)];
                uint[] expected = Bits(new FeatureInput(features, keepProb, Context(SimdWidth.Scalar)));
                foreach (SimdWidth width in KernelDispatch.Available)
                {
                    var sparse = new SparseFeatureInput(features, keepProb, Context(width));
                    sparse.Load(set, [4, 1, 2], step); // Of which nothing must be left.
                    Assert.Equal(expected, Bits(sparse));
                }

                uint[] Bits(ExampleInput input)
                {
                    input.Load(set, examples, step);
                    float[] z = new float[rows * stride], gradient = new float[features * stride];
                    input.Multiply(features, weights, biases, z, stride);
                    input.Gradient(features, bounds, deltas, gradient, stride);
                    return [.. KernelCases.Canonical(z), .. KernelCases.Canonical(gradient)];
                }
            }
        }
    }

    /// <summary>The pinned bytes are those of the dense form.</summary>
    [Theory]
    [InlineData(LossKind.SoftmaxCrossEntropy, "e7da20486f9b64675726a137c5f8563c8b458a369a06d52613c837d7ae5d4f99")]
    [InlineData(LossKind.MeanSquaredError, "b0bbe065ef5d8be399eb9e77e6d0393bc1b3cc75dbc7fdb468bf192c05de4323")]
    public void Run_PinnedSpec_EndsInThePinnedBytesOfTheDenseForm(LossKind loss, string sha256)
    {
        FeatureSet table = TestRuns.OneHot(Spec);
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            foreach (int lanes in new[] { 1, 3 })
            {
                var trainer = new LocalTrainer(Spec with { Loss = loss }, table, width, lanes);
                trainer.Run(Spec.TotalSteps);
                Assert.True(
                    sha256 == trainer.WeightsSha256,
                    $"{width}: the weights have the digest {trainer.WeightsSha256}; pinned is {sha256}.");
            }
        }
    }

    [Fact]
    public void Compute_SecondTime_AllocatesNothing()
    {
        var layout = new ParameterLayout(Spec.Model);
        var lane = new GradientLane(Spec, layout, TestRuns.OneHot(Spec), new ExampleOrder(Spec));
        float[] weights = new float[layout.Length], gradient = new float[layout.Length];
        Initialization.Fill(Spec, layout, weights);
        TreeNode root = new ReductionTree(Spec.Shards).Root;
        BatchPosition batch = BatchPosition.Of(Spec, 1);
        lane.Compute(root, batch, weights, gradient);
        long before = GC.GetAllocatedBytesForCurrentThread();
        lane.Compute(root, batch, weights, gradient);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Suits_OneHotColumnsBelowAWideLayer_AreSparse()
    {
        FeatureSet table = TestRuns.OneHot(Spec), dense = TestRuns.Features(Spec);
        DenseSpec wide = Spec.Model.Dense[0], narrow = wide with { Units = 63 };
        Assert.True(SparseFeatureInput.Suits(table, wide));
        Assert.False(SparseFeatureInput.Suits(table, narrow));
        Assert.False(SparseFeatureInput.Suits(dense, wide));
        Assert.IsType<SparseFeatureInput>(ExampleInput.Of(table, wide, new InputTraining(), Context(SimdWidth.Scalar)));
        Assert.IsType<FeatureInput>(ExampleInput.Of(dense, wide, new InputTraining(), Context(SimdWidth.Scalar)));
    }

    /// <summary>Otherwise a delta that is not finite could stay unnoticed where all features of its row are zero.</summary>
    [Fact]
    public void Suits_TrainedWeightsWithFrozenBiases_AreDense()
    {
        FeatureSet table = TestRuns.OneHot(Spec);
        DenseSpec layer = Spec.Model.Dense[0];
        layer = layer with { Biases = layer.Biases with { IsTrainable = false } };
        Assert.False(SparseFeatureInput.Suits(table, layer));
        Assert.True(SparseFeatureInput.Suits(table, layer with { Weights = layer.Weights with { IsTrainable = false } }));
    }

    [Theory]
    [InlineData(47, 1, false)]
    [InlineData(48, 6, true)]
    [InlineData(48, 7, false)]
    [InlineData(55, 7, true)]
    [InlineData(55, 8, false)]
    [InlineData(1000, 0, true)]
    public void Suits_ManyFeaturesAndAtMostAQuarterOfThePairsNotZero_AreSparse(int features, int nonZero, bool expected)
    {
        var values = new float[300 * features];
        for (int row = 0; row < 300; row++)
        {
            for (int pair = 0; pair < nonZero; pair++)
                values[(row + 1) * features - 1 - 2 * pair] = -1f;
        }

        FeatureSet set = FeatureSet.FromRows(values, new byte[300], features);
        Assert.Equal(expected, SparseFeatureInput.Suits(set, ModelSpec.Parse($"{features}-64-2").Dense[0]));
    }

    /// <summary>Twenty rows, a quarter of their values awkward numbers, the others 0 or -0; every fifth row is zero.</summary>
    private static FeatureSet Rows(int features)
    {
        const int count = 20;
        float[] values = KernelCases.Values(count * features, KernelCases.Content.Extreme, 7);
        float[] draws = KernelCases.Values(count * features, KernelCases.Content.Ordinary, 8);
        for (int i = 0; i < values.Length; i++)
        {
            if (draws[i] < 0.5f || i / features % 5 == 0)
                values[i] = i % 3 == 0 ? -0f : 0f;
        }

        return FeatureSet.FromRows(values, new byte[count], features);
    }

    private static LayerContext Context(SimdWidth width) => new(width, new MatrixPanels(), Seed: 11);
}
