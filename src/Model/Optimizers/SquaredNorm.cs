using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// The squared L2 norm of a range of gradient sums, in double precision:
/// <code>
/// s[i] = sum[i]              or, where there are two:      s[i] = sum[i] + addend[i], rounded to single precision
/// p[k] = Σ s[i]² over i = k, k + 16, k + 32, ...           for k = 0 to 15, in this order
/// norm² = p[0] + p[1] + ... + p[15], in this order
/// </code>
/// The square of a float is exact in double precision and cannot overflow there. Sixteen sums are those of the widest vector; narrower ones
/// hold them in several, so the bits are equal at every width. NaN and infinity propagate as in IEEE 754.
/// </summary>
internal static class SquaredNorm
{
    private const int Lanes = 16;

    /// <param name="width">Form of the kernel.</param>
    /// <param name="sums">Gradient sums; their length is a multiple of 16.</param>
    /// <param name="addends">Second part of the sums; empty for none.</param>
    /// <returns>The squared norm.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Run(SimdWidth width, ReadOnlySpan<float> sums, ReadOnlySpan<float> addends)
    {
        if (sums.Length % Lanes != 0 || (!addends.IsEmpty && addends.Length != sums.Length))
            throw new ArgumentException($"{sums.Length} sums and {addends.Length} addends; expected one multiple of {Lanes}.");
        Span<double> partial = stackalloc double[Lanes];
        partial.Clear();
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(sums, addends, partial);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(sums, addends, partial);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(sums, addends, partial);
                break;
            default:
                Scalar(sums, addends, partial);
                break;
        }

        double norm = 0.0;
        foreach (double sum in partial)
            norm += sum;
        return norm;
    }

    private static void Scalar(ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, Span<double> partial)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            double s = addends.IsEmpty ? sums[i] : sums[i] + addends[i];
            partial[i % Lanes] += s * s;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, Span<double> partial)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref float addend = ref MemoryMarshal.GetReference(addends);
        ref double squares = ref MemoryMarshal.GetReference(partial);
        bool hasAddend = !addends.IsEmpty;
        for (nint i = 0; i < sums.Length; i += TSimd.Width)
        {
            TVector s = TSimd.Load(ref sum, i);
            if (hasAddend)
                s = TSimd.Add(s, TSimd.Load(ref addend, i));
            TSimd.AddSquares(s, ref squares, i % Lanes);
        }
    }
}
