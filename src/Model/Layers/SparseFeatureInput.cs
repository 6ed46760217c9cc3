using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// Rows of float features of which most are zero, such as one-hot columns, below a dense layer: the pixel kernels multiply only the pairs
/// of features that are not both zero. The bits are those of <see cref="FeatureInput"/>, because the terms that are left out are products
/// with zero, which add nothing to a sum of finite numbers.
/// </summary>
/// <param name="features">Features of a row.</param>
/// <param name="keepProb">Probability that training keeps a value.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class SparseFeatureInput(int features, double keepProb, LayerContext context) : ExampleInput(context)
{
    // Rows prefetched ahead: a batch's rows are scattered over the set.
    private const int Ahead = 4;

    // Where this form is the faster one, as measured: see docs/performance.md.
    private const int FewestFeatures = 48, FewestUnits = 64;
    private const double MostPairs = 0.25;

    // Rows that are counted: enough to know the share of pairs, few enough to cost nothing.
    private const int CountedRows = 256;

    private readonly FeatureDropout _dropout = new(RowPadding.Pad(features), keepProb, context);
    private readonly AlignedBuffer _row = new(RowPadding.Pad(features));
    private readonly FeaturePairs _pairs = new();
    private readonly PixelColumns _columns = new(features);

    /// <summary>
    /// Whether this form gives the bits of <see cref="FeatureInput"/> and is faster: the layer has many inputs and units, and at most a
    /// quarter of the pairs of features are not zero, in rows spread over the set.
    /// <para>
    /// The bits could differ only where a weight or a delta is not finite, because its product with zero is NaN. Weights are finite before
    /// every step. A delta that is not finite makes the bias of its unit not finite, which fails the step in both forms. Therefore a layer
    /// whose weights are trained, but not its biases, takes the dense form.
    /// </para>
    /// </summary>
    /// <param name="set">The examples.</param>
    /// <param name="layer">The layer that reads them.</param>
    public static bool Suits(FeatureSet set, DenseSpec layer)
    {
        if (set.Features < FewestFeatures || layer.Units < FewestUnits)
            return false;
        if (layer.Weights.IsTrainable && !layer.Biases.IsTrainable)
            return false;
        int rows = Math.Min(set.Count, CountedRows), pairs = (set.Features + 1) / 2;
        long count = 0;
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> row = set.Values.Slice((int)((long)i * set.Count / rows) * set.Features, set.Features);
            for (int even = 0; even < row.Length; even += 2)
            {
                if (row[even] != 0f || (even + 1 < row.Length && row[even + 1] != 0f))
                    count++;
            }
        }

        return count <= MostPairs * rows * pairs;
    }

    public override int Rows => _columns.Rows;

    public override int Stride => RowPadding.Pad(features);

    /// <exception cref="NotSupportedException">Always: a layer that reads floats needs <see cref="FeatureInput"/>.</exception>
    public override ReadOnlySpan<float> Values => throw new NotSupportedException("Sparse features are not unpacked.");

    public override bool Reads(Examples examples) => examples is FeatureSet set && set.Features == features;

    public override void Load(Examples examples, ReadOnlySpan<int> indices, in BatchRows? rows)
    {
        ReadOnlySpan<float> all = ((FeatureSet)examples).Values;
        Span<float> values = _row.Span;
        _pairs.Clear(indices.Length);
        for (int row = 0; row < indices.Length; row++)
        {
            if (row + Ahead < indices.Length)
                MatrixPanels.Prefetch(ref MemoryMarshal.GetReference(all[(indices[row + Ahead] * features)..]), 0, 1, features);
            all.Slice(indices[row] * features, features).CopyTo(values);
            if (rows is { } step)
                _dropout.Apply(values, step.Step, step.FirstPosition + row);
            _pairs.Add(Context.Width, values);
        }

        _columns.Load(_pairs);
    }

    public override void Multiply(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        _columns.Forward(Context.Width, weights, biases, z, stride);
        // A sum may be -0, which the dense product turns into +0.
        ActivationKernel.Forward<Identity>(Context.Width, z[..(Rows * stride)], default, 1f);
    }

    public override void Gradient(int inputs, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride) =>
        _columns.Gradient(Context.Width, bounds, deltas, gradient, stride);
}
