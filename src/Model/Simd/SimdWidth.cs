namespace Lockstep.Model.Simd;

/// <summary>Form of the kernels. All forms give equal bits; they differ only in speed.</summary>
public enum SimdWidth
{
    /// <summary>The scalar references: one value at a time, <see cref="MathF.FusedMultiplyAdd"/>.</summary>
    Scalar = 0,

    /// <summary>128-bit vectors, 4 floats.</summary>
    Bits128 = 128,

    /// <summary>256-bit vectors, 8 floats.</summary>
    Bits256 = 256,

    /// <summary>512-bit vectors, 16 floats.</summary>
    Bits512 = 512,
}
