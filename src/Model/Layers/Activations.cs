using Lockstep.Model.Random;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>The activation of a layer, and dropout.</summary>
internal static class Activations
{
    /// <summary>Whether the backward pass needs the sums, because one activation can have two slopes.</summary>
    public static bool SlopeReadsSums(Activation activation) => activation is Activation.Gelu or Activation.Silu;

    /// <summary>Converts sums to activations in place. Padding may become non-zero, because f(0) may be.</summary>
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
            case Activation.Gelu:
                ActivationKernel.Forward<Gelu>(width, values, keep, scale);
                break;
            case Activation.Silu:
                ActivationKernel.Forward<Silu>(width, values, keep, scale);
                break;
            case Activation.Linear:
                if (!keep.IsEmpty)
                    ActivationKernel.Forward<Identity>(width, values, keep, scale);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "no such activation");
        }
    }

    /// <summary>Converts gradients of activations to gradients of the sums, in place.</summary>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="activation">The function.</param>
    /// <param name="gradients">Gradients of the activations, then of the sums; a multiple of 16.</param>
    /// <param name="activations">
    /// The activations, as computed by the forward pass, or the sums (see <see cref="SlopeReadsSums"/>).
    /// </param>
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
            case Activation.Gelu:
                ActivationKernel.Backward<Gelu>(width, gradients, activations, keep, scale, 1f);
                break;
            case Activation.Silu:
                ActivationKernel.Backward<Silu>(width, gradients, activations, keep, scale, 1f);
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
