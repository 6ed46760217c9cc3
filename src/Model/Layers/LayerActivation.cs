using System.Runtime.InteropServices;
using Lockstep.Model.Memory;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>The activation and the dropout of one layer, and what they keep between the passes.</summary>
/// <param name="activation">The function.</param>
/// <param name="context">Shared by the layers of the network.</param>
/// <param name="keepProb">Probability that a unit is kept; 1 for no dropout.</param>
/// <param name="stride">Units, with padding; not read without dropout.</param>
/// <param name="index">The layer's index in the model: part of the key of its random numbers.</param>
internal sealed class LayerActivation(
    Activation activation, LayerContext context, double keepProb = 1.0, int stride = 0, int index = 0)
{
    private readonly bool _drops = keepProb < 1.0;
    private AlignedBuffer _mask = new(0);
    private AlignedBuffer _sums = new(0);

    /// <summary>The dropout mask of a batch, [rows, stride]: all bits set for kept units. Empty without dropout.</summary>
    public Span<uint> Mask(int rows) => MemoryMarshal.Cast<float, uint>(AlignedBuffer.Grown(ref _mask, _drops ? rows * stride : 0));

    /// <summary>Draws the mask for a training step.</summary>
    public void Prepare(in BatchRows rows)
    {
        if (_drops)
            DropoutMask.Fill(
                context.Width, Mask(rows.Count), stride, DropoutMask.Threshold(keepProb), context.Seed, rows.Step, index,
                rows.FirstPosition);
    }

    /// <summary>Converts the sums of a batch to activations, in place.</summary>
    public void Forward(Span<float> values, int rows, bool isTraining)
    {
        if (isTraining && Activations.SlopeReadsSums(activation))
            values.CopyTo(AlignedBuffer.Grown(ref _sums, values.Length));
        Activations.Forward(context.Width, activation, values, isTraining ? Mask(rows) : default, keepProb);
    }

    /// <summary>Converts the gradients of the activations of the last <see cref="Forward"/> to those of the sums, in place.</summary>
    public void Backward(Span<float> deltas, ReadOnlySpan<float> values, int rows) =>
        Activations.Backward(
            context.Width, activation, deltas, Activations.SlopeReadsSums(activation) ? _sums.Span : values, Mask(rows), keepProb);
}
