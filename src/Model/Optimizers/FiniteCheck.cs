using Lockstep.Model.Simd;

namespace Lockstep.Model.Optimizers;

/// <summary>Sums of products with zero: each lane is 0 while all values that went in were finite, and NaN ever after.</summary>
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
