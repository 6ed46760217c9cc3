using Lockstep.Model.Simd;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// Detects non-finite values by sums of products with zero: each lane stays 0 while all values are finite, and becomes NaN for good
/// otherwise.
/// </summary>
internal static class FiniteCheck
{
    /// <summary>Whether all lanes are still zero.</summary>
    public static bool IsFinite<TSimd, TVector>(TVector sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Span<float> lanes = stackalloc float[TSimd.Width];
        TSimd.Store(sums, ref lanes[0], 0);
        return !lanes.ContainsAnyExcept(0f);
    }
}
