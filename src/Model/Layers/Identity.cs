using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>f(z) = z with the slope 1: a linear layer with dropout.</summary>
internal readonly struct Identity : IActivationFunction
{
    public static float Scalar(float z) => z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => z;

    public static float ScalarSlope(float y) => 1f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector VectorSlope<TSimd, TVector>(TVector y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Broadcast(1f);
}
