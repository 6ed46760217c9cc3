using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Memory;
using Lockstep.Model.Random;

namespace Lockstep.Model.Layers;

/// <summary>
/// Rows of float features, copied from the set to [rows, stride]. Dropout keeps a value as <c>x · (1 / keep probability)</c>, both rounded
/// to single precision, or replaces it by +0.
/// </summary>
/// <param name="features">Features of a row.</param>
/// <param name="keepProb">Probability that training keeps a value.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class FeatureInput(int features, double keepProb, LayerContext context) : ExampleInput(context)
{
    private AlignedBuffer _values = new(0);
    private AlignedBuffer _mask = new(0);
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
        if (rows is not { } step || keepProb == 1.0)
            return;

        Span<uint> keep = MemoryMarshal.Cast<float, uint>(AlignedBuffer.Grown(ref _mask, values.Length));
        DropoutMask.Fill(
            Context.Width, keep, Stride, DropoutMask.Threshold(keepProb), Context.Seed, step.Step, DropoutMask.InputLayer,
            step.FirstPosition);
        ActivationKernel.Forward<Identity>(Context.Width, values, keep, DropoutMask.Scale(keepProb));
    }
}
