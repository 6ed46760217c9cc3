using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Data;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The input layer, forward. Images are sparse and the layer is defined so: pixels that are zero are not terms of the sum.
/// <code>
/// z[e, j] = biases[j] + Σ over the non-zero pixels p of image examples[e], ascending, of x[p] · weights[p, j]
/// x = intensity / 255   weights: [pixels, units]   z: [examples, units]
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

    /// <summary>Computes z for the images of <paramref name="examples"/>.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An example is not an image of the set.</exception>
    public static void Run(
        SimdWidth width, ImageSet images, ReadOnlySpan<int> examples, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (weights.Length < (long)images.Pixels * stride || biases.Length < stride || z.Length < (long)examples.Length * stride)
            throw new ArgumentException($"{weights.Length} weights, {biases.Length} biases and {z.Length} sums for {images.Pixels} pixels, "
                + $"{examples.Length} examples and stride {stride}.");
        foreach (int example in examples)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(example, nameof(examples));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(example, images.Count, nameof(examples));
        }

        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(images, examples, weights, biases, z, stride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(images, examples, weights, biases, z, stride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(images, examples, weights, biases, z, stride);
                break;
            default:
                Scalar(images, examples, weights, biases, z, stride);
                break;
        }
    }

    private static void Scalar(
        ImageSet images, ReadOnlySpan<int> examples, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        for (int e = 0; e < examples.Length; e++)
        {
            Span<float> row = z.Slice(e * stride, stride);
            biases[..stride].CopyTo(row);
            for (int k = images.RowStarts[examples[e]]; k < images.RowStarts[examples[e] + 1]; k++)
            {
                float x = Scaled[images.Values[k]];
                for (int j = 0; j < stride; j++)
                    row[j] = MathF.FusedMultiplyAdd(x, weights[images.Indices[k] * stride + j], row[j]);
            }
        }
    }

    // A block of pixels is applied to all examples before the next, so that its weights are read from the first-level cache and not once per
    // example from further away. The order of the terms of a sum stays that of the pixels.
    [SkipLocalsInit]
    private static void Vectorised<TSimd, TVector>(
        ImageSet images, ReadOnlySpan<int> examples, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Span<int> positions = stackalloc int[MaxExamples];
        for (int first = 0; first < examples.Length; first += MaxExamples)
        {
            ReadOnlySpan<int> chunk = examples[first..Math.Min(examples.Length, first + MaxExamples)];
            Span<float> rows = z.Slice(first * stride, chunk.Length * stride);
            for (int e = 0; e < chunk.Length; e++)
                biases[..stride].CopyTo(rows[(e * stride)..]);
            int tile = Tile * TSimd.Width;
            for (int j = 0; j < stride; j += tile)
            {
                for (int e = 0; e < chunk.Length; e++)
                    positions[e] = images.RowStarts[chunk[e]];
                int columns = Math.Min(tile, stride - j);
                int block = Math.Max(8, CacheFloats / columns);
                for (int pixel = 0; pixel < images.Pixels; pixel += block)
                {
                    if (columns == tile)
                        Block8<TSimd, TVector>(images, chunk, positions, pixel + block, weights[j..], rows[j..], stride);
                    else
                        Block1<TSimd, TVector>(images, chunk, positions, pixel + block, weights[j..], rows[j..], stride, columns);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block8<TSimd, TVector>(
        ImageSet images, ReadOnlySpan<int> examples, Span<int> positions, int endPixel, ReadOnlySpan<float> weights, Span<float> z, nint stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        ref ushort indices = ref MemoryMarshal.GetReference(images.Indices);
        ref byte values = ref MemoryMarshal.GetReference(images.Values);
        ref float scaled = ref MemoryMarshal.GetArrayDataReference(Scaled);
        ref float column = ref MemoryMarshal.GetReference(weights);
        ref float row = ref MemoryMarshal.GetReference(z);
        for (int e = 0; e < examples.Length; e++, row = ref Unsafe.Add(ref row, stride))
        {
            nint k = positions[e], end = images.RowStarts[examples[e] + 1];
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
        ImageSet images, ReadOnlySpan<int> examples, Span<int> positions, int endPixel, ReadOnlySpan<float> weights, Span<float> z, nint stride, nint columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref ushort indices = ref MemoryMarshal.GetReference(images.Indices);
        ref byte values = ref MemoryMarshal.GetReference(images.Values);
        ref float scaled = ref MemoryMarshal.GetArrayDataReference(Scaled);
        ref float row = ref MemoryMarshal.GetReference(z);
        for (int e = 0; e < examples.Length; e++, row = ref Unsafe.Add(ref row, stride))
        {
            nint start = positions[e], end = images.RowStarts[examples[e] + 1], k = start;
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
