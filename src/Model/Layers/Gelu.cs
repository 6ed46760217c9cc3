using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// The Gaussian error linear unit (Hendrycks and Gimpel, 2016): z times the probability that a standard normal number is below z. It is not
/// monotonic, so its slope is computed from z.
/// <code>
/// f(z) = z · Φ(z)                          Φ(-|z|) = t · P(t) · e / 2,   Φ(|z|) = 1 - Φ(-|z|)
/// f'(z) = Φ(z) + z · e / sqrt(2π)          e = exp(-z² / 2),   t = 1 / (1 + 0.3275911 · |z| / sqrt(2))
/// </code>
/// P is formula 7.1.26 of Abramowitz and Stegun, 1964, whose error is at most 1.5e-7.
/// </summary>
internal readonly struct Gelu : IActivationFunction
{
    private const float P = 0.3275911f * 0.70710678f;
    private const float A1 = 0.254829592f / 2;
    private const float A2 = -0.284496736f / 2;
    private const float A3 = 1.421413741f / 2;
    private const float A4 = -1.453152027f / 2;
    private const float A5 = 1.061405429f / 2;
    private const float InverseRootTwoPi = 0.39894228f;

    public static float Scalar(float z) => z * Probability(z, Exponential.Scalar(z * z * -0.5f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Multiply(z, Probability<TSimd, TVector>(z, Density<TSimd, TVector>(z)));

    public static float ScalarSlope(float z)
    {
        float e = Exponential.Scalar(z * z * -0.5f);
        return MathF.FusedMultiplyAdd(z * e, InverseRootTwoPi, Probability(z, e));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector VectorSlope<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector e = Density<TSimd, TVector>(z);
        return TSimd.FusedMultiplyAdd(
            TSimd.Multiply(z, e), TSimd.Broadcast(InverseRootTwoPi), Probability<TSimd, TVector>(z, e));
    }

    private static float Probability(float z, float e)
    {
        float t = 1f / MathF.FusedMultiplyAdd(MathF.Abs(z), P, 1f);
        float p = MathF.FusedMultiplyAdd(A5, t, A4);
        p = MathF.FusedMultiplyAdd(p, t, A3);
        p = MathF.FusedMultiplyAdd(p, t, A2);
        p = MathF.FusedMultiplyAdd(p, t, A1);
        float below = p * t * e;
        return z > 0f ? 1f - below : below;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Density<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        Exponential.Vector<TSimd, TVector>(TSimd.Multiply(TSimd.Multiply(z, z), TSimd.Broadcast(-0.5f)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Probability<TSimd, TVector>(TVector z, TVector e)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Broadcast(1f), size = TSimd.AndNot(z, TSimd.BroadcastBits(0x80000000));
        TVector t = TSimd.Divide(one, TSimd.FusedMultiplyAdd(size, TSimd.Broadcast(P), one));
        TVector p = TSimd.FusedMultiplyAdd(TSimd.Broadcast(A5), t, TSimd.Broadcast(A4));
        p = TSimd.FusedMultiplyAdd(p, t, TSimd.Broadcast(A3));
        p = TSimd.FusedMultiplyAdd(p, t, TSimd.Broadcast(A2));
        p = TSimd.FusedMultiplyAdd(p, t, TSimd.Broadcast(A1));
        TVector below = TSimd.Multiply(TSimd.Multiply(p, t), e);
        return Lanes.Select<TSimd, TVector>(TSimd.GreaterThan(z, TSimd.Zero), TSimd.Subtract(one, below), below);
    }
}
