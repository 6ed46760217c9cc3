using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The input layer, forward, from the batch's rows: the same sums as <see cref="PixelForward"/>.
/// <code>
/// z[e, j] = biases[j] + Σ over the pairs q of row e, ascending, of x[e, 2q] · weights[2q, j] + x[e, 2q + 1] · weights[2q + 1, j]
/// weights: [pixels, units]   z: [rows, units]
/// </code>
/// One fused multiply-add per term, in that order. Rows of weights, biases and z have a common stride, a multiple of 16.
/// <para>
/// The vector form keeps the sums of a row in a register while it iterates over the row's pairs. Each sum depends on the previous one, so
/// four rows are processed together.
/// </para>
/// </summary>
internal static class PixelRowForward
{
    // Rows processed together.
    private const int Tile = 4;

    /// <summary>Computes z for the batch in <paramref name="rows"/>.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    public static void Run(
        SimdWidth width, PixelRows rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (weights.Length < (long)rows.Pixels * stride || biases.Length < stride || z.Length < (long)rows.Rows * stride)
            throw new ArgumentException($"{weights.Length} weights, {biases.Length} biases and {z.Length} sums for {rows.Pixels} pixels, "
                + $"{rows.Rows} rows and stride {stride}.");
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(rows, weights, biases, z, stride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(rows, weights, biases, z, stride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(rows, weights, biases, z, stride);
                break;
            default:
                Scalar(rows, weights, biases, z, stride);
                break;
        }
    }

    private static void Scalar(PixelRows rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        for (int e = 0; e < rows.Rows; e++)
        {
            for (int j = 0; j < stride; j++)
            {
                float sum = biases[j];
                foreach (uint entry in rows.Entries[rows.Starts[e]..rows.Starts[e + 1]])
                {
                    int q = (int)(entry >> 16);
                    sum = MathF.FusedMultiplyAdd(rows.Scaled[(byte)entry], weights[2 * q * stride + j], sum);
                    sum = MathF.FusedMultiplyAdd(rows.Scaled[(byte)(entry >> 8)], weights[(2 * q + 1) * stride + j], sum);
                }

                z[e * stride + j] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(
        PixelRows rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, nint stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref int starts = ref MemoryMarshal.GetReference(rows.Starts);
        ref uint entries = ref MemoryMarshal.GetReference(rows.Entries);
        ref float x = ref MemoryMarshal.GetReference(rows.Scaled);
        nint count = rows.Rows;
        for (nint j = 0; j < stride; j += TSimd.Width)
        {
            ref float w = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights), j);
            ref float sums = ref Unsafe.Add(ref MemoryMarshal.GetReference(z), j);
            TVector bias = TSimd.Load(ref MemoryMarshal.GetReference(biases), j);
            nint e = 0;
            for (; e + Tile <= count; e += Tile)
            {
                nint k0 = Unsafe.Add(ref starts, e), k1 = Unsafe.Add(ref starts, e + 1), k2 = Unsafe.Add(ref starts, e + 2),
                    k3 = Unsafe.Add(ref starts, e + 3);
                nint end = Unsafe.Add(ref starts, e + Tile), both = k0 + Math.Min(Math.Min(k1 - k0, k2 - k1), Math.Min(k3 - k2, end - k3));
                nint end0 = k1, end1 = k2, end2 = k3;
                TVector s0 = bias, s1 = bias, s2 = bias, s3 = bias;
                for (; k0 < both; k0++, k1++, k2++, k3++)
                {
                    s0 = Add<TSimd, TVector>(s0, Unsafe.Add(ref entries, k0), ref x, ref w, stride);
                    s1 = Add<TSimd, TVector>(s1, Unsafe.Add(ref entries, k1), ref x, ref w, stride);
                    s2 = Add<TSimd, TVector>(s2, Unsafe.Add(ref entries, k2), ref x, ref w, stride);
                    s3 = Add<TSimd, TVector>(s3, Unsafe.Add(ref entries, k3), ref x, ref w, stride);
                }

                for (; k0 < end0; k0++)
                    s0 = Add<TSimd, TVector>(s0, Unsafe.Add(ref entries, k0), ref x, ref w, stride);
                for (; k1 < end1; k1++)
                    s1 = Add<TSimd, TVector>(s1, Unsafe.Add(ref entries, k1), ref x, ref w, stride);
                for (; k2 < end2; k2++)
                    s2 = Add<TSimd, TVector>(s2, Unsafe.Add(ref entries, k2), ref x, ref w, stride);
                for (; k3 < end; k3++)
                    s3 = Add<TSimd, TVector>(s3, Unsafe.Add(ref entries, k3), ref x, ref w, stride);
                ref float sum = ref Unsafe.Add(ref sums, e * stride);
                TSimd.Store(s0, ref sum, 0);
                TSimd.Store(s1, ref sum, stride);
                TSimd.Store(s2, ref sum, 2 * stride);
                TSimd.Store(s3, ref sum, 3 * stride);
            }

            for (; e < count; e++)
            {
                TVector s = bias;
                for (nint k = Unsafe.Add(ref starts, e), end = Unsafe.Add(ref starts, e + 1); k < end; k++)
                    s = Add<TSimd, TVector>(s, Unsafe.Add(ref entries, k), ref x, ref w, stride);
                TSimd.Store(s, ref sums, e * stride);
            }
        }
    }

    /// <summary>Adds the two terms of a pair. No image has an index beyond its pairs, so bounds need no check.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TSimd, TVector>(TVector sum, uint entry, ref float x, ref float weights, nint stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float even = ref Unsafe.Add(ref weights, (nint)(entry >> 16) * 2 * stride);
        sum = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref x, (nint)(byte)entry)), TSimd.Load(ref even, 0), sum);
        return TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref x, (nint)(byte)(entry >> 8))), TSimd.Load(ref even, stride), sum);
    }
}
