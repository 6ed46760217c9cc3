using System.Runtime.InteropServices;
using Lockstep.Model.Memory;
using Lockstep.Model.Random;

namespace Lockstep.Model.Layers;

/// <summary>
/// Dropout of float features. A kept value becomes <c>x · (1 / keep probability)</c>, both rounded to single precision, a dropped one +0.
/// </summary>
/// <param name="stride">Floats of a row, with padding.</param>
/// <param name="keepProb">Probability that a value is kept; 1 for no dropout.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class FeatureDropout(int stride, double keepProb, LayerContext context)
{
    private AlignedBuffer _mask = new(0);

    /// <summary>Replaces the values of consecutive rows of a batch.</summary>
    /// <param name="values">[rows, stride]; the number of rows follows from it.</param>
    /// <param name="step">The step.</param>
    /// <param name="firstPosition">Position in the batch of the first row.</param>
    public void Apply(Span<float> values, long step, int firstPosition)
    {
        if (keepProb == 1.0)
            return;
        Span<uint> keep = MemoryMarshal.Cast<float, uint>(AlignedBuffer.Grown(ref _mask, values.Length));
        DropoutMask.Fill(
            context.Width, keep, stride, DropoutMask.Threshold(keepProb), context.Seed, step, DropoutMask.InputLayer, firstPosition);
        ActivationKernel.Forward<Identity>(context.Width, values, keep, DropoutMask.Scale(keepProb));
    }
}
