using Lockstep.Model.Random;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>The activation of a layer, and dropout.</summary>
internal static class Activations
{
    /// <summary>Converts sums to activations in place. Their padding may become non-zero, because f(0) may be.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="values">The sums, then the activations.</param>
    /// <param name="keep">
    /// The dropout mask (see <see cref="DropoutMask"/>); empty for no dropout, whatever the layer's keep probability.
    /// </param>
    public static void Forward(SimdWidth width, DenseSpec layer, Span<float> values, ReadOnlySpan<uint> keep) =>
        Forward(width, layer.Activation, values, keep, layer.KeepProb);

    /// <summary>Converts sums of any form to activations in place.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="activation">The function.</param>
    /// <param name="values">The sums, then the activations; a multiple of 16.</param>
    /// <param name="keep">The dropout mask; empty for no dropout.</param>
    /// <param name="keepProb">Probability that a value is kept.</param>
    public static void Forward(
        SimdWidth width, Activation activation, Span<float> values, ReadOnlySpan<uint> keep = default, double keepProb = 1.0)
    {
        float scale = keep.IsEmpty ? 1f : DropoutMask.Scale(keepProb);
        switch (activation)
        {
            case Activation.Relu:
                Relu.Forward(width, values, keep, scale);
                break;
            case Activation.Tanh:
                ActivationKernel.Forward<Tanh>(width, values, keep, scale);
                break;
            case Activation.Sigmoid:
                ActivationKernel.Forward<Sigmoid>(width, values, keep, scale);
                break;
            case Activation.LeakyRelu:
                ActivationKernel.Forward<LeakyRelu>(width, values, keep, scale);
                break;
            case Activation.Linear:
                if (!keep.IsEmpty)
                    ActivationKernel.Forward<Identity>(width, values, keep, scale);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "no such activation");
        }
    }

    /// <summary>Converts gradients of the activations to gradients of the sums, in place; zeroes the padding.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="gradients">Gradients of the activations, then of the sums.</param>
    /// <param name="activations">The activations, as computed by the forward pass.</param>
    /// <param name="keep">The mask given to the forward pass; empty for no dropout.</param>
    /// <param name="stride">Distance of two rows.</param>
    public static void Backward(
        SimdWidth width, DenseSpec layer, Span<float> gradients, ReadOnlySpan<float> activations, ReadOnlySpan<uint> keep, int stride)
    {
        Backward(width, layer.Activation, gradients, activations, keep, layer.KeepProb);

        // The gradients' padding is a sum of products with zero: zero too, but NaN if a delta is infinite.
        if (layer.Units < stride)
        {
            for (int row = 0; row < gradients.Length; row += stride)
                gradients[(row + layer.Units)..(row + stride)].Clear();
        }
    }

    /// <summary>Converts gradients of activations of any form to gradients of the sums, in place.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="activation">The function.</param>
    /// <param name="gradients">Gradients of the activations, then of the sums; a multiple of 16.</param>
    /// <param name="activations">The activations, as computed by the forward pass.</param>
    /// <param name="keep">The mask given there; empty for no dropout.</param>
    /// <param name="keepProb">Probability that a value is kept.</param>
    public static void Backward(
        SimdWidth width, Activation activation, Span<float> gradients, ReadOnlySpan<float> activations,
        ReadOnlySpan<uint> keep = default, double keepProb = 1.0)
    {
        float scale = keep.IsEmpty ? 1f : DropoutMask.Scale(keepProb), kept = keep.IsEmpty ? 1f : (float)keepProb;
        switch (activation)
        {
            case Activation.Relu:
                Relu.Backward(width, gradients, activations, scale);
                break;
            case Activation.Tanh:
                ActivationKernel.Backward<Tanh>(width, gradients, activations, keep, scale, kept);
                break;
            case Activation.Sigmoid:
                ActivationKernel.Backward<Sigmoid>(width, gradients, activations, keep, scale, kept);
                break;
            case Activation.LeakyRelu:
                ActivationKernel.Backward<LeakyRelu>(width, gradients, activations, keep, scale, kept);
                break;
            case Activation.Linear:
                if (!keep.IsEmpty)
                    ActivationKernel.Backward<Identity>(width, gradients, activations, keep, scale, kept);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "no such activation");
        }
    }
}
