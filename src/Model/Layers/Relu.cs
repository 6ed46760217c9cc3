using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// ReLU followed by inverted dropout, forward and backward.
/// <code>
/// forward:   a = z ≤ 0 or dropped ? +0 : z · scale
/// backward:  dz = a ≤ 0 ? +0 : da · scale
/// </code>
/// scale = 1 / keep probability ≥ 1, so a is positive exactly if z was and the unit was kept: the activations are their own mask. NaN is
/// not less than zero: it propagates through kept units and is discarded by dropped ones. Without dropout scale is 1, and multiplying by it
/// changes nothing.
/// </summary>
internal static class Relu
{
    /// <summary>Converts sums to activations in place.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="values">The sums z, then the activations a; a multiple of 16.</param>
    /// <param name="keep">All bits set where a unit is kept, none where it is dropped; empty for no dropout.</param>
    /// <param name="scale">1 / keep probability.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Forward(SimdWidth width, Span<float> values, ReadOnlySpan<uint> keep, float scale)
    {
        if (values.Length % 16 != 0 || (!keep.IsEmpty && keep.Length < values.Length))
            throw new ArgumentException(
                $"{values.Length} sums and a mask of {keep.Length}; expected a multiple of 16 and no fewer, or none.");
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedForward<Simd512, Vector512<float>>(values, keep, scale);
                break;
            case SimdWidth.Bits256:
                VectorisedForward<Simd256, Vector256<float>>(values, keep, scale);
                break;
            case SimdWidth.Bits128:
                VectorisedForward<Simd128, Vector128<float>>(values, keep, scale);
                break;
            default:
                for (int i = 0; i < values.Length; i++)
                    values[i] = values[i] <= 0f || (!keep.IsEmpty && keep[i] == 0) ? 0f : values[i] * scale;
                break;
        }
    }

    /// <summary>Converts gradients of the activations to gradients of the sums, in place.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="gradients">da, then dz; a multiple of 16.</param>
    /// <param name="activations">a, as computed by <see cref="Forward"/>.</param>
    /// <param name="scale">1 / keep probability.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Backward(SimdWidth width, Span<float> gradients, ReadOnlySpan<float> activations, float scale)
    {
        if (gradients.Length % 16 != 0 || activations.Length < gradients.Length)
            throw new ArgumentException(
                $"{gradients.Length} gradients for {activations.Length} activations; expected a multiple of 16 and no more.");
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedBackward<Simd512, Vector512<float>>(gradients, activations, scale);
                break;
            case SimdWidth.Bits256:
                VectorisedBackward<Simd256, Vector256<float>>(gradients, activations, scale);
                break;
            case SimdWidth.Bits128:
                VectorisedBackward<Simd128, Vector128<float>>(gradients, activations, scale);
                break;
            default:
                for (int i = 0; i < gradients.Length; i++)
                    gradients[i] = activations[i] <= 0f ? 0f : gradients[i] * scale;
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedForward<TSimd, TVector>(Span<float> values, ReadOnlySpan<uint> keep, float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float value = ref MemoryMarshal.GetReference(values);
        ref float mask = ref Unsafe.As<uint, float>(ref MemoryMarshal.GetReference(keep));
        TVector factor = TSimd.Broadcast(scale);
        if (keep.IsEmpty)
        {
            for (nint i = 0; i < values.Length; i += TSimd.Width)
            {
                TVector z = TSimd.Load(ref value, i);
                TSimd.Store(TSimd.AndNot(TSimd.Multiply(z, factor), TSimd.LessThanOrEqual(z, TSimd.Zero)), ref value, i);
            }

            return;
        }

        for (nint i = 0; i < values.Length; i += TSimd.Width)
        {
            TVector z = TSimd.Load(ref value, i);
            TVector kept = TSimd.And(TSimd.Multiply(z, factor), TSimd.Load(ref mask, i));
            TSimd.Store(TSimd.AndNot(kept, TSimd.LessThanOrEqual(z, TSimd.Zero)), ref value, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedBackward<TSimd, TVector>(Span<float> gradients, ReadOnlySpan<float> activations, float scale)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float gradient = ref MemoryMarshal.GetReference(gradients);
        ref float activation = ref MemoryMarshal.GetReference(activations);
        TVector factor = TSimd.Broadcast(scale);
        for (nint i = 0; i < gradients.Length; i += TSimd.Width)
        {
            TVector inactive = TSimd.LessThanOrEqual(TSimd.Load(ref activation, i), TSimd.Zero);
            TSimd.Store(TSimd.AndNot(TSimd.Multiply(TSimd.Load(ref gradient, i), factor), inactive), ref gradient, i);
        }
    }
}
