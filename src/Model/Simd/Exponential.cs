using System.Runtime.CompilerServices;

namespace Lockstep.Model.Simd;

/// <summary>
/// e^x in single precision for x ≤ 0, from +, ·, FMA and bit operations, so that it has the same bits on every machine.
/// Error at most 1 ulp. Results below the smallest normal number are +0; NaN stays NaN.
/// <para>
/// x = n·ln2 + r with |r| ≤ ln2/2, ln2 in two parts (Cody and Waite, 1980); e^r by the minimax polynomial of Cephes' <c>expf</c>.
/// </para>
/// </summary>
internal static class Exponential
{
    /// <summary>Bits of 1.0f: exponent 127.</summary>
    public const int OneBits = 127 << 23;

    // Adding this to a small number puts its nearest integer into the low bits of the sum.
    private const float Shifter = 12582912f;
    private const float Log2E = 1.44269504f;
    private const float MinusLn2High = -0.693359375f;
    private const float MinusLn2Low = 2.12194440e-4f;
    private const float Lowest = -87.33654f;
    private const float P0 = 1.9875691500e-4f;
    private const float P1 = 1.3981999507e-3f;
    private const float P2 = 8.3334519073e-3f;
    private const float P3 = 4.1665795894e-2f;
    private const float P4 = 1.6666665459e-1f;
    private const float P5 = 5.0000001201e-1f;

    /// <summary>The scalar reference.</summary>
    public static float Scalar(float x)
    {
        float shifted = MathF.FusedMultiplyAdd(x, Log2E, Shifter);
        float n = shifted - Shifter;
        float r = MathF.FusedMultiplyAdd(n, MinusLn2High, x);
        r = MathF.FusedMultiplyAdd(n, MinusLn2Low, r);
        float p = MathF.FusedMultiplyAdd(P0, r, P1);
        p = MathF.FusedMultiplyAdd(p, r, P2);
        p = MathF.FusedMultiplyAdd(p, r, P3);
        p = MathF.FusedMultiplyAdd(p, r, P4);
        p = MathF.FusedMultiplyAdd(p, r, P5);
        p = MathF.FusedMultiplyAdd(p, r * r, r);
        float scale = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted) << 23) + OneBits);
        return Lowest > x ? 0f : (p + 1f) * scale;
    }

    /// <summary>The vector form, with equal bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector shifter = TSimd.Broadcast(Shifter);
        TVector shifted = TSimd.FusedMultiplyAdd(x, TSimd.Broadcast(Log2E), shifter);
        TVector n = TSimd.Subtract(shifted, shifter);
        TVector r = TSimd.FusedMultiplyAdd(n, TSimd.Broadcast(MinusLn2High), x);
        r = TSimd.FusedMultiplyAdd(n, TSimd.Broadcast(MinusLn2Low), r);
        TVector p = TSimd.FusedMultiplyAdd(TSimd.Broadcast(P0), r, TSimd.Broadcast(P1));
        p = TSimd.FusedMultiplyAdd(p, r, TSimd.Broadcast(P2));
        p = TSimd.FusedMultiplyAdd(p, r, TSimd.Broadcast(P3));
        p = TSimd.FusedMultiplyAdd(p, r, TSimd.Broadcast(P4));
        p = TSimd.FusedMultiplyAdd(p, r, TSimd.Broadcast(P5));
        p = TSimd.FusedMultiplyAdd(p, TSimd.Multiply(r, r), r);
        TVector result = TSimd.Multiply(TSimd.Add(p, TSimd.Broadcast(1f)), TSimd.PowerOfTwo(shifted));
        return TSimd.AndNot(result, TSimd.GreaterThan(TSimd.Broadcast(Lowest), x));
    }
}
