using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// A function of one value and its slope, each as a scalar reference and as vectors with equal bits. The slope is computed from the
/// function's value, because the backward pass no longer has the argument; where <see cref="Activations.SlopeReadsSums"/> says so, from the
/// argument. f(NaN) is NaN.
/// </summary>
internal interface IActivationFunction
{
    /// <summary>y = f(z).</summary>
    static abstract float Scalar(float z);

    /// <summary>y = f(z), lane by lane.</summary>
    static abstract TVector Vector<TSimd, TVector>(TVector z)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;

    /// <summary>f'(z) where f(z) = y.</summary>
    static abstract float ScalarSlope(float y);

    /// <summary>f'(z) where f(z) = y, lane by lane.</summary>
    static abstract TVector VectorSlope<TSimd, TVector>(TVector y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;
}
