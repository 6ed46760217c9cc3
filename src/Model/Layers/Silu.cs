using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// The sigmoid linear unit (Elfwing, Uchibe and Doya, 2018), with s the <see cref="Sigmoid"/> of z. It is not monotonic, so its slope is
/// computed from z.
/// <code>
/// f(z) = z · s
/// f'(z) = s + f(z) · (1 - s)
/// </code>
/// </summary>
internal readonly struct Silu : IActivationFunction
{
    public static float Scalar(float z) => z * Sigmoid.Scalar(z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Multiply(z, Sigmoid.Vector<TSimd, TVector>(z));

    public static float ScalarSlope(float z)
    {
        float s = Sigmoid.Scalar(z);
        return MathF.FusedMultiplyAdd(z * s, 1f - s, s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector VectorSlope<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector s = Sigmoid.Vector<TSimd, TVector>(z);
        return TSimd.FusedMultiplyAdd(TSimd.Multiply(z, s), TSimd.Subtract(TSimd.Broadcast(1f), s), s);
    }
}
