using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// One step of gradient descent, elementwise, in one pass. With the gradient g of <see cref="StepGradient"/>:
/// <code>
/// v = g                      or, with momentum:            v = fma(momentum, v, g)
/// d = v                      or, with Nesterov momentum:   d = fma(momentum, v, g) with the new v
/// updated = fma(-rate, d, w)
/// </code>
/// Nesterov momentum has the form of <c>torch.optim.SGD(nesterov=True)</c>.
/// Weights and updated may be the same memory; otherwise operands must not overlap. NaN and infinity propagate as in IEEE 754 and are
/// reported: the products of all new weights with zero sum to zero, or to NaN if one is not finite.
/// </summary>
internal static class SgdStep
{
    /// <param name="width">Form of the kernel.</param>
    /// <param name="sums">Gradient sums; their length, a multiple of 16, is that of all operands.</param>
    /// <param name="addends">Second part of the sums; empty for none.</param>
    /// <param name="weights">w.</param>
    /// <param name="velocity">v, read and written; empty for no momentum.</param>
    /// <param name="updated">The new weights.</param>
    /// <param name="factors">The factors of the formula.</param>
    /// <returns>
    /// Whether all new weights are finite. Then the velocity is finite too, because a rate times infinity is infinite or NaN, and so is
    /// momentum times infinity.
    /// </returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static bool Run(
        SimdWidth width, ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> velocity,
        Span<float> updated, in SgdFactors factors)
    {
        int n = sums.Length;
        if (n % 16 != 0 || (!addends.IsEmpty && addends.Length != n) || weights.Length != n || updated.Length != n
            || (!velocity.IsEmpty && velocity.Length != n) || (velocity.IsEmpty && n > 0 && factors.IsNesterov))
            throw new ArgumentException(
                $"{n} sums, {addends.Length} addends, {weights.Length} weights, {velocity.Length} velocities and {updated.Length} updated "
                    + "weights; expected one multiple of 16.");
        return width switch
        {
            SimdWidth.Bits512 => Vectorised<Simd512, Vector512<float>>(sums, addends, weights, velocity, updated, factors),
            SimdWidth.Bits256 => Vectorised<Simd256, Vector256<float>>(sums, addends, weights, velocity, updated, factors),
            SimdWidth.Bits128 => Vectorised<Simd128, Vector128<float>>(sums, addends, weights, velocity, updated, factors),
            _ => Scalar(sums, addends, weights, velocity, updated, factors),
        };
    }

    private static bool Scalar(
        ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> velocity, Span<float> updated,
        in SgdFactors factors)
    {
        float poison = 0f;
        for (int i = 0; i < sums.Length; i++)
        {
            float g = StepGradient.At(sums, addends, i, weights[i], factors.Scale, factors.L2);
            float d = g;
            if (!velocity.IsEmpty)
                d = velocity[i] = MathF.FusedMultiplyAdd(factors.Momentum, velocity[i], g);
            if (factors.IsNesterov)
                d = MathF.FusedMultiplyAdd(factors.Momentum, d, g);
            updated[i] = MathF.FusedMultiplyAdd(-factors.Rate, d, weights[i]);
            poison = MathF.FusedMultiplyAdd(updated[i], 0f, poison);
        }

        return float.IsFinite(poison);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Vectorised<TSimd, TVector>(
        ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> velocity, Span<float> updated,
        in SgdFactors factors)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref float addend = ref MemoryMarshal.GetReference(addends);
        ref float weight = ref MemoryMarshal.GetReference(weights);
        ref float v = ref MemoryMarshal.GetReference(velocity);
        ref float result = ref MemoryMarshal.GetReference(updated);
        TVector scale = TSimd.Broadcast(factors.Scale), l2 = TSimd.Broadcast(factors.L2);
        TVector momentum = TSimd.Broadcast(factors.Momentum), minusRate = TSimd.Broadcast(-factors.Rate);
        TVector poison = TSimd.Zero;
        bool penalises = factors.L2 != 0f, hasMomentum = !velocity.IsEmpty, hasAddend = !addends.IsEmpty, looksAhead = factors.IsNesterov;
        for (nint i = 0; i < sums.Length; i += TSimd.Width)
        {
            TVector w = TSimd.Load(ref weight, i);
            TVector g = StepGradient.At<TSimd, TVector>(ref sum, ref addend, i, w, scale, l2, hasAddend, penalises);
            TVector d = g;
            if (hasMomentum)
            {
                d = TSimd.FusedMultiplyAdd(momentum, TSimd.Load(ref v, i), g);
                TSimd.Store(d, ref v, i);
                if (looksAhead)
                    d = TSimd.FusedMultiplyAdd(momentum, d, g);
            }

            w = TSimd.FusedMultiplyAdd(minusRate, d, w);
            TSimd.Store(w, ref result, i);
            poison = TSimd.FusedMultiplyAdd(w, TSimd.Zero, poison);
        }

        return FiniteCheck.IsFinite<TSimd, TVector>(poison);
    }
}
