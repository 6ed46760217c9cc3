using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>What <see cref="Normalization.Reduce"/> adds up: a scalar reference, and vectors with equal bits.</summary>
internal interface IReductionTerm
{
    /// <summary>Whether it reads the means.</summary>
    static abstract bool ReadsMeans { get; }

    /// <summary>Whether it reads the deltas and the inverses.</summary>
    static abstract bool ReadsDeltas { get; }

    /// <summary>The sum with one more term.</summary>
    static abstract float Add(float sum, float x, float dy, float mean, float inverse);

    /// <summary>The sum with one more term, lane by lane.</summary>
    static abstract TVector Add<TSimd, TVector>(TVector sum, TVector x, TVector dy, TVector mean, TVector inverse)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;
}

/// <summary>x.</summary>
internal readonly struct ValueTerm : IReductionTerm
{
    public static bool ReadsMeans => false;

    public static bool ReadsDeltas => false;

    public static float Add(float sum, float x, float dy, float mean, float inverse) => sum + x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TSimd, TVector>(TVector sum, TVector x, TVector dy, TVector mean, TVector inverse)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Add(sum, x);
}

/// <summary>(x - mean)².</summary>
internal readonly struct SquareTerm : IReductionTerm
{
    public static bool ReadsMeans => true;

    public static bool ReadsDeltas => false;

    public static float Add(float sum, float x, float dy, float mean, float inverse) =>
        MathF.FusedMultiplyAdd(x - mean, x - mean, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TSimd, TVector>(TVector sum, TVector x, TVector dy, TVector mean, TVector inverse)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector difference = TSimd.Subtract(x, mean);
        return TSimd.FusedMultiplyAdd(difference, difference, sum);
    }
}

/// <summary>dy · ((x - mean) · inverse).</summary>
internal readonly struct SlopeTerm : IReductionTerm
{
    public static bool ReadsMeans => true;

    public static bool ReadsDeltas => true;

    public static float Add(float sum, float x, float dy, float mean, float inverse) =>
        MathF.FusedMultiplyAdd(dy, (x - mean) * inverse, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TSimd, TVector>(TVector sum, TVector x, TVector dy, TVector mean, TVector inverse)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.FusedMultiplyAdd(dy, TSimd.Multiply(TSimd.Subtract(x, mean), inverse), sum);
}
