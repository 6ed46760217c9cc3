using Lockstep.Model.Random;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>Activation and dropout of a dense layer. Values are [rows, stride].</summary>
internal static class Activations
{
    /// <summary>Converts sums to activations in place. Their padding may become non-zero, because f(0) may be.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="values">The sums, then the activations.</param>
    /// <param name="keep">
    /// The dropout mask (see <see cref="DropoutMask"/>); empty for no dropout, whatever the layer's keep probability.
    /// </param>
    public static void Forward(SimdWidth width, DenseSpec layer, Span<float> values, ReadOnlySpan<uint> keep)
    {
        float scale = keep.IsEmpty ? 1f : DropoutMask.Scale(layer.KeepProb);
        switch (layer.Activation)
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
                throw new ArgumentOutOfRangeException(nameof(layer), layer.Activation, "no such activation");
        }
    }

    /// <summary>Converts gradients of the activations to gradients of the sums, in place; zeroes the padding.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="gradients">Gradients of the activations, then of the sums.</param>
    /// <param name="activations">The activations, as computed by <see cref="Forward"/>.</param>
    /// <param name="keep">The mask given to <see cref="Forward"/>; empty for no dropout.</param>
    /// <param name="stride">Distance of two rows.</param>
    public static void Backward(
        SimdWidth width, DenseSpec layer, Span<float> gradients, ReadOnlySpan<float> activations, ReadOnlySpan<uint> keep, int stride)
    {
        float scale = keep.IsEmpty ? 1f : DropoutMask.Scale(layer.KeepProb), keepProb = keep.IsEmpty ? 1f : (float)layer.KeepProb;
        switch (layer.Activation)
        {
            case Activation.Relu:
                Relu.Backward(width, gradients, activations, scale);
                break;
            case Activation.Tanh:
                ActivationKernel.Backward<Tanh>(width, gradients, activations, keep, scale, keepProb);
                break;
            case Activation.Sigmoid:
                ActivationKernel.Backward<Sigmoid>(width, gradients, activations, keep, scale, keepProb);
                break;
            case Activation.LeakyRelu:
                ActivationKernel.Backward<LeakyRelu>(width, gradients, activations, keep, scale, keepProb);
                break;
            case Activation.Linear:
                if (!keep.IsEmpty)
                    ActivationKernel.Backward<Identity>(width, gradients, activations, keep, scale, keepProb);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(layer), layer.Activation, "no such activation");
        }

        // The gradients' padding is a sum of products with zero: zero too, but NaN if a delta is infinite.
        if (layer.Units < stride)
        {
            for (int row = 0; row < gradients.Length; row += stride)
                gradients[(row + layer.Units)..(row + stride)].Clear();
        }
    }
}
