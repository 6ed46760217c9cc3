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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(
        ImageSet images, ReadOnlySpan<int> examples, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        ref ushort indices = ref MemoryMarshal.GetReference(images.Indices);
        ref byte values = ref MemoryMarshal.GetReference(images.Values);
        ref float scaled = ref MemoryMarshal.GetArrayDataReference(Scaled);
        for (int e = 0; e < examples.Length; e++)
        {
            nint start = images.RowStarts[examples[e]], end = images.RowStarts[examples[e] + 1];
            ref float bias = ref MemoryMarshal.GetReference(biases);
            ref float row = ref Unsafe.Add(ref MemoryMarshal.GetReference(z), (nint)e * stride);
            ref float column = ref MemoryMarshal.GetReference(weights);
            nint left = stride;
            while (left >= 8 * width)
            {
                TVector s0 = TSimd.Load(ref bias, 0), s1 = TSimd.Load(ref bias, width);
                TVector s2 = TSimd.Load(ref bias, 2 * width), s3 = TSimd.Load(ref bias, 3 * width);
                TVector s4 = TSimd.Load(ref bias, 4 * width), s5 = TSimd.Load(ref bias, 5 * width);
                TVector s6 = TSimd.Load(ref bias, 6 * width), s7 = TSimd.Load(ref bias, 7 * width);
                for (nint k = start; k < end; k++)
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

                TSimd.Store(s0, ref row, 0);
                TSimd.Store(s1, ref row, width);
                TSimd.Store(s2, ref row, 2 * width);
                TSimd.Store(s3, ref row, 3 * width);
                TSimd.Store(s4, ref row, 4 * width);
                TSimd.Store(s5, ref row, 5 * width);
                TSimd.Store(s6, ref row, 6 * width);
                TSimd.Store(s7, ref row, 7 * width);
                bias = ref Unsafe.Add(ref bias, 8 * width);
                row = ref Unsafe.Add(ref row, 8 * width);
                column = ref Unsafe.Add(ref column, 8 * width);
                left -= 8 * width;
            }

            for (; left > 0; left -= width)
            {
                TVector s = TSimd.Load(ref bias, 0);
                for (nint k = start; k < end; k++)
                {
                    TVector x = TSimd.Broadcast(Unsafe.Add(ref scaled, (nint)Unsafe.Add(ref values, k)));
                    s = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref column, (nint)Unsafe.Add(ref indices, k) * stride), s);
                }

                TSimd.Store(s, ref row, 0);
                bias = ref Unsafe.Add(ref bias, width);
                row = ref Unsafe.Add(ref row, width);
                column = ref Unsafe.Add(ref column, width);
            }
        }
    }
}
