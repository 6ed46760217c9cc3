using System.Runtime.CompilerServices;

namespace Lockstep.Model.Simd;

/// <summary>Operations on whole vectors that are made of those of <see cref="ISimd{TVector}"/>.</summary>
internal static class Lanes
{
    /// <summary>
    /// Selects lanes: <paramref name="yes"/> if all bits of <paramref name="mask"/> are set, <paramref name="no"/> if none is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Select<TSimd, TVector>(TVector mask, TVector yes, TVector no)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Xor(TSimd.And(yes, mask), TSimd.AndNot(no, mask));
}
