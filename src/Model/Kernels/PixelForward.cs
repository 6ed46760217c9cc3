using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The input layer, forward. Images are sparse and the layer is defined so: pixels that are zero are not terms of the sum.
/// <code>
/// z[e, j] = biases[j] + Σ over the entries p of image examples[e], ascending, of x[p] · weights[p, j]
/// entries: the non-zero pixels, of these the kept ones where the input has dropout
/// x = scaled[intensity]: intensity / 255, with dropout divided by the keep probability   weights: [pixels, units]   z: [examples, units]
/// </code>
/// One fused multiply-add per term. Rows of weights, biases and z are padded to a common stride, a multiple of 16.
/// </summary>
internal static class PixelForward
{
    // Vectors of the wide tile; floats of weights that a block takes of the first-level cache; examples that share a block.
    private const int Tile = 8;
    private const int CacheFloats = 6144;
    private const int MaxExamples = 256;

    /// <summary>x of every intensity: intensity / 255 in single precision.</summary>
    public static readonly float[] Scaled = [.. Enumerable.Range(0, 256).Select(intensity => intensity / 255f)];

    /// <summary>Computes z for the images of <paramref name="batch"/>.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    public static void Run(SimdWidth width, in PixelBatch batch, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (weights.Length < (long)batch.Pixels * stride || biases.Length < stride || z.Length < (long)batch.Count * stride)
            throw new ArgumentException($"{weights.Length} weights, {biases.Length} biases and {z.Length} sums for {batch.Pixels} pixels, "
                + $"{batch.Count} examples and stride {stride}.");
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(batch, weights, biases, z, stride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(batch, weights, biases, z, stride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(batch, weights, biases, z, stride);
                break;
            default:
                Scalar(batch, weights, biases, z, stride);
                break;
        }
    }

    private static void Scalar(in PixelBatch batch, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        for (int e = 0; e < batch.Count; e++)
        {
            Span<float> row = z.Slice(e * stride, stride);
            biases[..stride].CopyTo(row);
            for (int k = batch.RowStarts[batch.Examples[e]]; k < batch.RowStarts[batch.Examples[e] + 1]; k++)
            {
                float x = batch.Scaled[batch.Values[k]];
                for (int j = 0; j < stride; j++)
                    row[j] = MathF.FusedMultiplyAdd(x, weights[batch.Indices[k] * stride + j], row[j]);
            }
        }
    }

    // A block of pixels is applied to all examples before the next, so that its weights are read from the first-level cache and not once per
    // example from further away. The order of the terms of a sum stays that of the pixels.
    [SkipLocalsInit]
    private static void Vectorised<TSimd, TVector>(
        in PixelBatch batch, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Span<int> positions = stackalloc int[MaxExamples];
        for (int first = 0; first < batch.Count; first += MaxExamples)
        {
            ReadOnlySpan<int> chunk = batch.Examples[first..Math.Min(batch.Count, first + MaxExamples)];
            Span<float> rows = z.Slice(first * stride, chunk.Length * stride);
            for (int e = 0; e < chunk.Length; e++)
                biases[..stride].CopyTo(rows[(e * stride)..]);
            int tile = Tile * TSimd.Width;
            for (int j = 0; j < stride; j += tile)
            {
                for (int e = 0; e < chunk.Length; e++)
                    positions[e] = batch.RowStarts[chunk[e]];
                int columns = Math.Min(tile, stride - j);
                int block = Math.Max(8, CacheFloats / columns);
                for (int pixel = 0; pixel < batch.Pixels; pixel += block)
                {
                    if (columns == tile)
                        Block8<TSimd, TVector>(batch, chunk, positions, pixel + block, weights[j..], rows[j..], stride);
                    else
                        Block1<TSimd, TVector>(batch, chunk, positions, pixel + block, weights[j..], rows[j..], stride, columns);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8<TSimd, TVector>(
        in PixelBatch batch, ReadOnlySpan<int> examples, Span<int> positions, int endPixel, ReadOnlySpan<float> weights, Span<float> z, nint stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        ref ushort indices = ref MemoryMarshal.GetReference(batch.Indices);
        ref byte values = ref MemoryMarshal.GetReference(batch.Values);
        ref float scaled = ref MemoryMarshal.GetReference(batch.Scaled);
        ref float column = ref MemoryMarshal.GetReference(weights);
        ref float row = ref MemoryMarshal.GetReference(z);
        for (int e = 0; e < examples.Length; e++, row = ref Unsafe.Add(ref row, stride))
        {
            nint k = positions[e], end = batch.RowStarts[examples[e] + 1];
            if (k == end || Unsafe.Add(ref indices, k) >= endPixel)
                continue;
            TVector s0 = TSimd.Load(ref row, 0), s1 = TSimd.Load(ref row, width);
            TVector s2 = TSimd.Load(ref row, 2 * width), s3 = TSimd.Load(ref row, 3 * width);
            TVector s4 = TSimd.Load(ref row, 4 * width), s5 = TSimd.Load(ref row, 5 * width);
            TVector s6 = TSimd.Load(ref row, 6 * width), s7 = TSimd.Load(ref row, 7 * width);
            do
            {
                TVector x = TSimd.Broadcast(Unsafe.Add(ref scaled, (nint)Unsafe.Add(ref values, k)));
                ref float w = ref Unsafe.Add(ref column, (nint)Unsafe.Add(ref indices, k) * stride);
                s0 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 0), s0);
                s1 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, width), s1);
                s2 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 2 * width), s2);
                s3 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 3 * width), s3);
                s4 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 4 * width), s4);
                s5 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 5 * width), s5);
                s6 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 6 * width), s6);
                s7 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref w, 7 * width), s7);
            }
            while (++k < end && Unsafe.Add(ref indices, k) < endPixel);

            positions[e] = (int)k;
            TSimd.Store(s0, ref row, 0);
            TSimd.Store(s1, ref row, width);
            TSimd.Store(s2, ref row, 2 * width);
            TSimd.Store(s3, ref row, 3 * width);
            TSimd.Store(s4, ref row, 4 * width);
            TSimd.Store(s5, ref row, 5 * width);
            TSimd.Store(s6, ref row, 6 * width);
            TSimd.Store(s7, ref row, 7 * width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1<TSimd, TVector>(
        in PixelBatch batch, ReadOnlySpan<int> examples, Span<int> positions, int endPixel, ReadOnlySpan<float> weights, Span<float> z, nint stride, nint columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref ushort indices = ref MemoryMarshal.GetReference(batch.Indices);
        ref byte values = ref MemoryMarshal.GetReference(batch.Values);
        ref float scaled = ref MemoryMarshal.GetReference(batch.Scaled);
        ref float row = ref MemoryMarshal.GetReference(z);
        for (int e = 0; e < examples.Length; e++, row = ref Unsafe.Add(ref row, stride))
        {
            nint start = positions[e], end = batch.RowStarts[examples[e] + 1], k = start;
            for (nint j = 0; j < columns; j += TSimd.Width)
            {
                ref float column = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights), j);
                TVector s = TSimd.Load(ref row, j);
                for (k = start; k < end && Unsafe.Add(ref indices, k) < endPixel; k++)
                {
                    TVector x = TSimd.Broadcast(Unsafe.Add(ref scaled, (nint)Unsafe.Add(ref values, k)));
                    s = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref column, (nint)Unsafe.Add(ref indices, k) * stride), s);
                }

                TSimd.Store(s, ref row, j);
            }

            positions[e] = (int)k;
        }
    }
}
