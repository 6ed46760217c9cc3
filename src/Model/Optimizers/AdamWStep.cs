using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// One step of AdamW, elementwise, in one pass. It begins with the gradient g of <see cref="StepGradient"/>. Every operation
/// rounds once, in this order:
/// <code>
/// m = fma(beta1, m, fresh1 · g)
/// v = fma(beta2, v, (fresh2 · g) · g)
/// d = fma(sqrt(v), root, epsilon)
/// updated = fma(-stepSize, m / d, fma(-decay, w, w))
/// </code>
/// sqrt and division are correctly rounded, so they have the same bits on every machine. Weights and updated may be the same memory;
/// otherwise operands must not overlap. NaN and infinity propagate as in IEEE 754 and are reported: the products of all new weights and all
/// v with zero sum to zero, or to NaN if one is not finite. v is checked because an infinite v would be hidden by a step of zero.
/// </summary>
internal static class AdamWStep
{
    /// <param name="width">Form of the kernel.</param>
    /// <param name="sums">Gradient sums; their length, a multiple of 16, is that of all operands.</param>
    /// <param name="addends">Second part of the sums; empty for none.</param>
    /// <param name="weights">w.</param>
    /// <param name="means">m, read and written.</param>
    /// <param name="squares">v, read and written.</param>
    /// <param name="updated">The new weights.</param>
    /// <param name="factors">The factors of the formula.</param>
    /// <returns>Whether all new weights, and all state, are finite.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static bool Run(
        SimdWidth width, ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> means,
        Span<float> squares, Span<float> updated, in AdamWFactors factors)
    {
        int n = sums.Length;
        if (n % 16 != 0 || (!addends.IsEmpty && addends.Length != n) || weights.Length != n || updated.Length != n || means.Length != n
            || squares.Length != n)
        {
            throw new ArgumentException($"{n} sums, {addends.Length} addends, {weights.Length} weights, {means.Length} means, "
                + $"{squares.Length} squares and {updated.Length} updated weights; expected one multiple of 16.");
        }

        return width switch
        {
            SimdWidth.Bits512 => Vectorised<Simd512, Vector512<float>>(sums, addends, weights, means, squares, updated, factors),
            SimdWidth.Bits256 => Vectorised<Simd256, Vector256<float>>(sums, addends, weights, means, squares, updated, factors),
            SimdWidth.Bits128 => Vectorised<Simd128, Vector128<float>>(sums, addends, weights, means, squares, updated, factors),
            _ => Scalar(sums, addends, weights, means, squares, updated, factors),
        };
    }

    private static bool Scalar(
        ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> means, Span<float> squares,
        Span<float> updated, in AdamWFactors factors)
    {
        float poison = 0f;
        for (int i = 0; i < sums.Length; i++)
        {
            float w = weights[i];
            float g = StepGradient.At(sums, addends, i, w, factors.Scale, factors.L2);
            float m = means[i] = MathF.FusedMultiplyAdd(factors.Beta1, means[i], factors.Fresh1 * g);
            float v = squares[i] = MathF.FusedMultiplyAdd(factors.Beta2, squares[i], factors.Fresh2 * g * g);
            float d = MathF.FusedMultiplyAdd(MathF.Sqrt(v), factors.Root, factors.Epsilon);
            w = MathF.FusedMultiplyAdd(-factors.StepSize, m / d, MathF.FusedMultiplyAdd(-factors.Decay, w, w));
            updated[i] = w;
            poison = MathF.FusedMultiplyAdd(w, 0f, MathF.FusedMultiplyAdd(v, 0f, poison));
        }

        return float.IsFinite(poison);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Vectorised<TSimd, TVector>(
        ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> means, Span<float> squares,
        Span<float> updated, in AdamWFactors factors)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref float addend = ref MemoryMarshal.GetReference(addends);
        ref float weight = ref MemoryMarshal.GetReference(weights);
        ref float mean = ref MemoryMarshal.GetReference(means);
        ref float square = ref MemoryMarshal.GetReference(squares);
        ref float result = ref MemoryMarshal.GetReference(updated);
        TVector scale = TSimd.Broadcast(factors.Scale), l2 = TSimd.Broadcast(factors.L2);
        TVector beta1 = TSimd.Broadcast(factors.Beta1), fresh1 = TSimd.Broadcast(factors.Fresh1);
        TVector beta2 = TSimd.Broadcast(factors.Beta2), fresh2 = TSimd.Broadcast(factors.Fresh2);
        TVector root = TSimd.Broadcast(factors.Root), epsilon = TSimd.Broadcast(factors.Epsilon);
        TVector minusDecay = TSimd.Broadcast(-factors.Decay), minusStep = TSimd.Broadcast(-factors.StepSize);
        TVector poison = TSimd.Zero;
        bool penalises = factors.L2 != 0f, hasAddend = !addends.IsEmpty;
        for (nint i = 0; i < sums.Length; i += TSimd.Width)
        {
            TVector w = TSimd.Load(ref weight, i);
            TVector g = StepGradient.At<TSimd, TVector>(ref sum, ref addend, i, w, scale, l2, hasAddend, penalises);
            TVector m = TSimd.FusedMultiplyAdd(beta1, TSimd.Load(ref mean, i), TSimd.Multiply(fresh1, g));
            TSimd.Store(m, ref mean, i);
            TVector v = TSimd.FusedMultiplyAdd(beta2, TSimd.Load(ref square, i), TSimd.Multiply(TSimd.Multiply(fresh2, g), g));
            TSimd.Store(v, ref square, i);
            TVector d = TSimd.FusedMultiplyAdd(TSimd.Sqrt(v), root, epsilon);
            w = TSimd.FusedMultiplyAdd(minusStep, TSimd.Divide(m, d), TSimd.FusedMultiplyAdd(minusDecay, w, w));
            TSimd.Store(w, ref result, i);
            poison = TSimd.FusedMultiplyAdd(w, TSimd.Zero, TSimd.FusedMultiplyAdd(v, TSimd.Zero, poison));
        }

        return FiniteCheck.IsFinite<TSimd, TVector>(poison);
    }
}
