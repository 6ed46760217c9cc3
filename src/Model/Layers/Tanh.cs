using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// The hyperbolic tangent; exactly odd.
/// <code>
/// |z| ≤ 0.625:  |z| + |z|·z²·P(z²)          P is the minimax polynomial of Cephes' tanhf
/// otherwise:    (1 - t) / (1 + t)           t = exp(-2·|z|)
/// f'(z) = max(1 - y², 0)
/// </code>
/// Error at most 1.51 ulp, measured against double precision. y² is rounded together with the subtraction. The slope is clamped at zero,
/// because undoing the scale of dropout can give a y slightly above 1.
/// </summary>
internal readonly struct Tanh : IActivationFunction
{
    private const float Middle = 0.625f;
    private const float P0 = -5.70498872745e-3f;
    private const float P1 = 2.06390887954e-2f;
    private const float P2 = -5.37397155531e-2f;
    private const float P3 = 1.33314422036e-1f;
    private const float P4 = -3.33332819422e-1f;
    private const uint SignBit = 0x80000000;

    public static float Scalar(float z)
    {
        float size = MathF.Abs(z);
        float y;
        if (size > Middle)
        {
            float t = Exponential.Scalar(size * -2f);
            y = (1f - t) / (1f + t);
        }
        else
        {
            float square = size * size;
            float p = MathF.FusedMultiplyAdd(P0, square, P1);
            p = MathF.FusedMultiplyAdd(p, square, P2);
            p = MathF.FusedMultiplyAdd(p, square, P3);
            p = MathF.FusedMultiplyAdd(p, square, P4);
            y = MathF.FusedMultiplyAdd(p * square, size, size);
        }

        return MathF.CopySign(y, z);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector one = TSimd.Broadcast(1f);
        TVector sign = TSimd.And(z, TSimd.BroadcastBits(SignBit));
        TVector size = TSimd.Xor(z, sign);

        TVector t = Exponential.Vector<TSimd, TVector>(TSimd.Multiply(size, TSimd.Broadcast(-2f)));
        TVector far = TSimd.Divide(TSimd.Subtract(one, t), TSimd.Add(one, t));

        TVector square = TSimd.Multiply(size, size);
        TVector p = TSimd.FusedMultiplyAdd(TSimd.Broadcast(P0), square, TSimd.Broadcast(P1));
        p = TSimd.FusedMultiplyAdd(p, square, TSimd.Broadcast(P2));
        p = TSimd.FusedMultiplyAdd(p, square, TSimd.Broadcast(P3));
        p = TSimd.FusedMultiplyAdd(p, square, TSimd.Broadcast(P4));
        TVector near = TSimd.FusedMultiplyAdd(TSimd.Multiply(p, square), size, size);

        TVector isFar = TSimd.GreaterThan(size, TSimd.Broadcast(Middle));
        return TSimd.Xor(TSimd.Xor(TSimd.And(far, isFar), TSimd.AndNot(near, isFar)), sign);
    }

    public static float ScalarSlope(float y)
    {
        float slope = MathF.FusedMultiplyAdd(-y, y, 1f);
        return 0f > slope ? 0f : slope;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector VectorSlope<TSimd, TVector>(TVector y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector slope = TSimd.FusedMultiplyAdd(TSimd.Subtract(TSimd.Zero, y), y, TSimd.Broadcast(1f));
        return TSimd.AndNot(slope, TSimd.GreaterThan(TSimd.Zero, slope));
    }
}
