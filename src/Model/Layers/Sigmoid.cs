using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// The logistic function 1 / (1 + e^-z), without overflow.
/// <code>
/// f(z) = (z &lt; 0 ? t : 1) / (1 + t)      t = exp(-|z|)
/// f'(z) = max(y - y², 0)
/// </code>
/// Error at most 2.41 ulp for z ≥ -87.33, measured against double precision; below that the value is less than the smallest normal number
/// and is +0. y² is rounded together with the subtraction. The slope is clamped at zero, because undoing the scale of dropout can give a y
/// slightly above 1.
/// </summary>
internal readonly struct Sigmoid : IActivationFunction
{
    private const uint SignBit = 0x80000000;

    public static float Scalar(float z)
    {
        float t = Exponential.Scalar(-MathF.Abs(z));
        return (0f > z ? t : 1f) / (1f + t);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Broadcast(1f), signBit = TSimd.BroadcastBits(SignBit);
        TVector t = Exponential.Vector<TSimd, TVector>(TSimd.Xor(TSimd.AndNot(z, signBit), signBit));
        TVector isNegative = TSimd.GreaterThan(TSimd.Zero, z);
        TVector above = TSimd.Xor(TSimd.And(t, isNegative), TSimd.AndNot(one, isNegative));
        return TSimd.Divide(above, TSimd.Add(one, t));
    }

    public static float ScalarSlope(float y)
    {
        float slope = MathF.FusedMultiplyAdd(-y, y, y);
        return 0f > slope ? 0f : slope;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector VectorSlope<TSimd, TVector>(TVector y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector slope = TSimd.FusedMultiplyAdd(TSimd.Subtract(TSimd.Zero, y), y, y);
        return TSimd.AndNot(slope, TSimd.GreaterThan(TSimd.Zero, slope));
    }
}
