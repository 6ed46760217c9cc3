using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// What every step begins with: the gradient of one weight out of the sum over the batch. Every operation rounds once, in this order:
/// <code>
/// s = sum                    or, where there are two:      s = sum + addend
/// g = s · scale              or, where l2 is not 0:        g = fma(l2, w, s · scale)
/// </code>
/// NaN and infinity go through as IEEE says. Inlined into the loops of the steps, which keep all operands but the sums in registers.
/// </summary>
internal static class StepGradient
{
    /// <summary>The scalar reference.</summary>
    /// <param name="sums">Gradient sums.</param>
    /// <param name="addends">What is still to be added to the sums; empty for nothing.</param>
    /// <param name="i">Which weight.</param>
    /// <param name="w">The weight.</param>
    /// <param name="scale">Factor of the sum: 1 / examples of the batch, smaller where the gradient is clipped.</param>
    /// <param name="l2">Weight of the L2 penalty; 0 for none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float At(ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, int i, float w, float scale, float l2)
    {
        float g = (addends.IsEmpty ? sums[i] : sums[i] + addends[i]) * scale;
        return l2 != 0f ? MathF.FusedMultiplyAdd(l2, w, g) : g;
    }

    /// <summary>The same for a vector of weights.</summary>
    /// <param name="sum">The first gradient sum.</param>
    /// <param name="addend">The first float that is still to be added.</param>
    /// <param name="i">The first weight of the vector.</param>
    /// <param name="w">The weights.</param>
    /// <param name="scale">Factor of the sum, in each lane.</param>
    /// <param name="l2">Weight of the L2 penalty, in each lane.</param>
    /// <param name="hasAddend">Whether there is something to add.</param>
    /// <param name="penalises">Whether <paramref name="l2"/> is not 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector At<TSimd, TVector>(
        ref float sum, ref float addend, nint i, TVector w, TVector scale, TVector l2, bool hasAddend, bool penalises)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector s = TSimd.Load(ref sum, i);
        if (hasAddend)
            s = TSimd.Add(s, TSimd.Load(ref addend, i));
        TVector g = TSimd.Multiply(s, scale);
        return penalises ? TSimd.FusedMultiplyAdd(l2, w, g) : g;
    }
}
