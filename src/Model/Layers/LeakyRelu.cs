using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// Leaky ReLU: <c>f(z) = z &gt; 0 ? z : 0.01 · z</c> and <c>f'(z) = y &gt; 0 ? 1 : 0.01</c>, with 0.01 in single precision. y has the sign
/// of z or is zero, so the slope at y is the slope at z. A negative z so small that 0.01 · z rounds to zero gives zero.
/// </summary>
internal readonly struct LeakyRelu : IActivationFunction
{
    private const float Leak = 0.01f;

    public static float Scalar(float z) => z > 0f ? z : Leak * z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector isPositive = TSimd.GreaterThan(z, TSimd.Zero);
        return TSimd.Xor(TSimd.And(z, isPositive), TSimd.AndNot(TSimd.Multiply(TSimd.Broadcast(Leak), z), isPositive));
    }

    public static float ScalarSlope(float y) => y > 0f ? 1f : Leak;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector VectorSlope<TSimd, TVector>(TVector y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector isPositive = TSimd.GreaterThan(y, TSimd.Zero);
        return TSimd.Xor(TSimd.And(TSimd.Broadcast(1f), isPositive), TSimd.AndNot(TSimd.Broadcast(Leak), isPositive));
    }
}
