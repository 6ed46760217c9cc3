using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// An activation function f followed by inverted dropout, forward and backward. <see cref="Relu"/> has its own kernel, because its backward
/// pass needs no mask.
/// <code>
/// forward:   a = kept ? f(z) · scale + 0 : +0
/// backward:  dz = kept ? da · scale · f'(z) + 0 : +0     f'(z) taken from y = a · keepProb
/// </code>
/// scale = 1 / keepProb, both rounded to single precision; every operation above rounds once. Without dropout all units are kept and both
/// are 1, so multiplying by them changes nothing. A zero does not distinguish a dropped unit from an active one, so the backward pass reads
/// the mask again. Adding +0 turns -0 into +0. NaN propagates through kept units and is discarded by dropped ones.
/// </summary>
internal static class ActivationKernel
{
    /// <summary>Converts sums to activations in place.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="values">The sums z, then the activations a; a multiple of 16.</param>
    /// <param name="keep">All bits set where a unit is kept, none where it is dropped; empty for no dropout.</param>
    /// <param name="scale">1 / keep probability.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Forward<TFunction>(SimdWidth width, Span<float> values, ReadOnlySpan<uint> keep, float scale)
        where TFunction : struct, IActivationFunction
    {
        if (values.Length % 16 != 0 || (!keep.IsEmpty && keep.Length < values.Length))
            throw new ArgumentException(
                $"{values.Length} sums and a mask of {keep.Length}; expected a multiple of 16 and no fewer, or none.");
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedForward<TFunction, Simd512, Vector512<float>>(values, keep, scale);
                break;
            case SimdWidth.Bits256:
                VectorisedForward<TFunction, Simd256, Vector256<float>>(values, keep, scale);
                break;
            case SimdWidth.Bits128:
                VectorisedForward<TFunction, Simd128, Vector128<float>>(values, keep, scale);
                break;
            default:
                for (int i = 0; i < values.Length; i++)
                    values[i] = keep.IsEmpty || keep[i] != 0 ? TFunction.Scalar(values[i]) * scale + 0f : 0f;
                break;
        }
    }

    /// <summary>Converts gradients of the activations to gradients of the sums, in place.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="gradients">da, then dz; a multiple of 16.</param>
    /// <param name="activations">a, as computed by <see cref="Forward"/>; or z, with a keep probability of 1.</param>
    /// <param name="keep">The mask given to <see cref="Forward"/>.</param>
    /// <param name="scale">1 / keep probability.</param>
    /// <param name="keepProb">The keep probability.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Backward<TFunction>(
        SimdWidth width, Span<float> gradients, ReadOnlySpan<float> activations, ReadOnlySpan<uint> keep, float scale, float keepProb)
        where TFunction : struct, IActivationFunction
    {
        if (gradients.Length % 16 != 0 || activations.Length < gradients.Length || (!keep.IsEmpty && keep.Length < gradients.Length))
        {
            throw new ArgumentException($"{gradients.Length} gradients for {activations.Length} activations and a mask of {keep.Length}; "
                + "expected a multiple of 16, no more than activations, and a mask no shorter, or none.");
        }

        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedBackward<TFunction, Simd512, Vector512<float>>(gradients, activations, keep, scale, keepProb);
                break;
            case SimdWidth.Bits256:
                VectorisedBackward<TFunction, Simd256, Vector256<float>>(gradients, activations, keep, scale, keepProb);
                break;
            case SimdWidth.Bits128:
                VectorisedBackward<TFunction, Simd128, Vector128<float>>(gradients, activations, keep, scale, keepProb);
                break;
            default:
                for (int i = 0; i < gradients.Length; i++)
                    gradients[i] = keep.IsEmpty || keep[i] != 0
                        ? gradients[i] * scale * TFunction.ScalarSlope(activations[i] * keepProb) + 0f
                        : 0f;
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedForward<TFunction, TSimd, TVector>(Span<float> values, ReadOnlySpan<uint> keep, float scale)
        where TFunction : struct, IActivationFunction
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float value = ref MemoryMarshal.GetReference(values);
        ref float mask = ref Unsafe.As<uint, float>(ref MemoryMarshal.GetReference(keep));
        TVector factor = TSimd.Broadcast(scale), kept = TSimd.BroadcastBits(uint.MaxValue);
        bool drops = !keep.IsEmpty;
        for (nint i = 0; i < values.Length; i += TSimd.Width)
        {
            TVector a = TSimd.Add(TSimd.Multiply(TFunction.Vector<TSimd, TVector>(TSimd.Load(ref value, i)), factor), TSimd.Zero);
            if (drops)
                kept = TSimd.Load(ref mask, i);
            TSimd.Store(TSimd.And(a, kept), ref value, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedBackward<TFunction, TSimd, TVector>(
        Span<float> gradients, ReadOnlySpan<float> activations, ReadOnlySpan<uint> keep, float scale, float keepProb)
        where TFunction : struct, IActivationFunction
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float gradient = ref MemoryMarshal.GetReference(gradients);
        ref float activation = ref MemoryMarshal.GetReference(activations);
        ref float mask = ref Unsafe.As<uint, float>(ref MemoryMarshal.GetReference(keep));
        TVector factor = TSimd.Broadcast(scale), share = TSimd.Broadcast(keepProb), kept = TSimd.BroadcastBits(uint.MaxValue);
        bool drops = !keep.IsEmpty;
        for (nint i = 0; i < gradients.Length; i += TSimd.Width)
        {
            TVector slope = TFunction.VectorSlope<TSimd, TVector>(TSimd.Multiply(TSimd.Load(ref activation, i), share));
            TVector dz = TSimd.Add(TSimd.Multiply(TSimd.Multiply(TSimd.Load(ref gradient, i), factor), slope), TSimd.Zero);
            if (drops)
                kept = TSimd.Load(ref mask, i);
            TSimd.Store(TSimd.And(dz, kept), ref gradient, i);
        }
    }
}
