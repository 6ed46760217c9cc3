using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The gradient of the input layer's weights, from the batch's rows: the same sums as <see cref="PixelGradient"/>.
/// <code>
/// gradient[p, j] = tree over shards s of ( Σ of x[e, p] · deltas[e, j] ) + 0
///                  Σ over the rows e of shard s, ascending, in which the pair of pixels that contains p is not zero
/// deltas: [rows, units]   gradient: [pixels, units]   shard s: rows bounds[s]..bounds[s + 1]
/// </code>
/// One fused multiply-add per term; shards are added along the aligned binary tree. A pixel that is zero in all rows gives a row of zeros.
/// <para>
/// The vector form keeps the deltas of a row in a register and adds to the sums of the row's pairs in memory. The sums of a shard start at
/// zero and are added to others as a whole, so this suits shards of many rows. It adds +0 only at the end: this can change only the sign of
/// a zero, which affects nothing but the signs of zeros.
/// </para>
/// </summary>
internal static class PixelRowGradient
{
    /// <summary>Levels of the tree over RunSpec.MaxShards shards.</summary>
    public const int Levels = 12;

    /// <summary>Computes the gradient. Rows of deltas and gradient have the common <paramref name="stride"/>, a multiple of 16.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    public static void Run(
        SimdWidth width, PixelRows rows, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride)
    {
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (bounds.Length is < 2 or > (1 << Levels) + 1 || bounds[0] != 0 || bounds[^1] != rows.Rows
            || deltas.Length < (long)rows.Rows * stride || gradient.Length < (long)rows.Pixels * stride)
        {
            throw new ArgumentException($"{bounds.Length} bounds up to {bounds[^1]}, {deltas.Length} deltas and {gradient.Length} "
                + $"gradients for {rows.Rows} rows, {rows.Pixels} pixels and stride {stride}.");
        }

        gradient = gradient[..(rows.Pixels * stride)];
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(rows, bounds, deltas, gradient, stride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(rows, bounds, deltas, gradient, stride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(rows, bounds, deltas, gradient, stride);
                break;
            default:
                Scalar(rows, bounds, deltas, stride).CopyTo(gradient);
                break;
        }
    }

    private static float[] Scalar(PixelRows rows, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, int stride)
    {
        if (bounds.Length > 2)
        {
            int left = (int)BitOperations.RoundUpToPowerOf2((uint)bounds.Length - 1) / 2;
            float[] sum = Scalar(rows, bounds[..(left + 1)], deltas, stride), right = Scalar(rows, bounds[left..], deltas, stride);
            for (int i = 0; i < sum.Length; i++)
                sum[i] += right[i];
            return sum;
        }

        var sums = new float[rows.Pixels * stride];
        for (int e = bounds[0]; e < bounds[1]; e++)
        {
            foreach (uint entry in rows.Entries[rows.Starts[e]..rows.Starts[e + 1]])
            {
                int even = 2 * (int)(entry >> 16) * stride, odd = even + stride;
                for (int j = 0; j < stride; j++)
                {
                    float delta = deltas[e * stride + j];
                    sums[even + j] = MathF.FusedMultiplyAdd(rows.Scaled[(byte)entry], delta, sums[even + j]);
                    sums[odd + j] = MathF.FusedMultiplyAdd(rows.Scaled[(byte)(entry >> 8)], delta, sums[odd + j]);
                }
            }
        }

        for (int i = 0; i < sums.Length; i++)
            sums[i] += 0f;
        return sums;
    }

    private static void Vectorised<TSimd, TVector>(
        PixelRows rows, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Tree<TSimd, TVector>(rows, bounds, deltas, gradient, stride);
        ref float sums = ref MemoryMarshal.GetReference(gradient);
        for (nint i = 0; i < gradient.Length; i += TSimd.Width)
            TSimd.Store(TSimd.Add(TSimd.Load(ref sums, i), TSimd.Zero), ref sums, i);
    }

    /// <summary>The sum over some shards. Skips an empty half, which would add zeros.</summary>
    private static void Tree<TSimd, TVector>(
        PixelRows rows, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> sums, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (bounds.Length == 2)
        {
            sums.Clear();
            AddRows<TSimd, TVector>(rows, bounds[0], bounds[1], deltas, ref MemoryMarshal.GetReference(sums), stride);
            return;
        }

        int level = BitOperations.Log2((uint)(bounds.Length - 2)), left = 1 << level;
        ReadOnlySpan<int> leftBounds = bounds[..(left + 1)], rightBounds = bounds[left..];
        if (leftBounds[^1] == leftBounds[0])
        {
            Tree<TSimd, TVector>(rows, rightBounds, deltas, sums, stride);
            return;
        }

        Tree<TSimd, TVector>(rows, leftBounds, deltas, sums, stride);
        if (rightBounds[^1] == rightBounds[0])
            return;
        Span<float> right = rows.Sums(level, sums.Length);
        Tree<TSimd, TVector>(rows, rightBounds, deltas, right, stride);
        GradientSum.Add(sums, right, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows<TSimd, TVector>(
        PixelRows rows, nint first, nint end, ReadOnlySpan<float> deltas, ref float sums, nint stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref int starts = ref MemoryMarshal.GetReference(rows.Starts);
        ref uint entries = ref MemoryMarshal.GetReference(rows.Entries);
        ref float x = ref MemoryMarshal.GetReference(rows.Scaled);
        for (nint e = first; e < end; e++)
        {
            nint start = Unsafe.Add(ref starts, e), rowEnd = Unsafe.Add(ref starts, e + 1);
            for (nint j = 0; j < stride; j += TSimd.Width)
            {
                TVector delta = TSimd.Load(ref MemoryMarshal.GetReference(deltas), e * stride + j);
                for (nint k = start; k < rowEnd; k++)
                {
                    uint entry = Unsafe.Add(ref entries, k);
                    ref float even = ref Unsafe.Add(ref sums, (nint)(entry >> 16) * 2 * stride + j);
                    TVector a = TSimd.FusedMultiplyAdd(
                        TSimd.Broadcast(Unsafe.Add(ref x, (nint)(byte)entry)), delta, TSimd.Load(ref even, 0));
                    TVector b = TSimd.FusedMultiplyAdd(
                        TSimd.Broadcast(Unsafe.Add(ref x, (nint)(byte)(entry >> 8))), delta, TSimd.Load(ref even, stride));
                    TSimd.Store(a, ref even, 0);
                    TSimd.Store(b, ref even, stride);
                }
            }
        }
    }
}
