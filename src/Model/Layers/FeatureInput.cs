using Lockstep.Model.Data;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Layers;

/// <summary>
/// Rows of float features, copied from the set to [rows, stride], with <see cref="FeatureDropout"/>. <see cref="SparseFeatureInput"/> is
/// faster where most features are zero.
/// </summary>
/// <param name="features">Features of a row.</param>
/// <param name="keepProb">Probability that training keeps a value.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class FeatureInput(int features, double keepProb, LayerContext context) : ExampleInput(context)
{
    private readonly FeatureDropout _dropout = new(RowPadding.Pad(features), keepProb, context);
    private AlignedBuffer _values = new(0);
    private int _rows;

    public override int Rows => _rows;

    public override int Stride { get; } = RowPadding.Pad(features);

    public override ReadOnlySpan<float> Values => _values.Span[..(_rows * Stride)];

    public override bool Reads(Examples examples) => examples is FeatureSet set && set.Features == features;

    public override void Load(Examples examples, ReadOnlySpan<int> indices, in BatchRows? rows)
    {
        ReadOnlySpan<float> all = ((FeatureSet)examples).Values;
        _rows = indices.Length;
        Span<float> values = AlignedBuffer.Grown(ref _values, checked(_rows * Stride));
        for (int row = 0; row < _rows; row++)
            all.Slice(indices[row] * features, features).CopyTo(values[(row * Stride)..]);
        if (rows is { } step)
            _dropout.Apply(values, step.Step, step.FirstPosition);
    }
}
