using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The gradient of the input layer's weights, from the batch's columns.
/// <code>
/// gradient[p, j] = tree over shards s of ( Σ of x[e, p] · deltas[e, j] ) + 0
///                  Σ over the rows e of shard s, ascending, in which the pair of pixels that contains p is not zero
/// deltas: [rows, units]   gradient: [pixels, units]   shard s: rows bounds[s]..bounds[s + 1]
/// </code>
/// One fused multiply-add per term; shards are added along the aligned binary tree. A pixel that is zero in all rows gives a row of zeros.
/// <para>
/// The vector form keeps the outputs of both pixels of a pair in registers over all shards: each load of a row's deltas serves two terms,
/// and each gradient is stored once.
/// </para>
/// </summary>
internal static class PixelGradient
{
    // Vectors of the wide tile for each of two pixels, and levels of the tree over RunSpec.MaxShards shards.
    private const int Tile = 4;
    private const int Levels = 12;

    /// <summary>
    /// Computes the gradient; overwrites the tile of the columns. Rows of deltas and gradient have the common <paramref name="stride"/>, a
    /// multiple of 16.
    /// </summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    public static void Run(
        SimdWidth width, PixelColumns columns, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride)
    {
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (bounds.Length is < 2 or > (1 << Levels) + 1 || bounds[0] != 0 || bounds[^1] != columns.Rows
            || deltas.Length < (long)columns.Rows * stride || gradient.Length < (long)columns.Pixels * stride)
        {
            throw new ArgumentException($"{bounds.Length} bounds up to {bounds[^1]}, {deltas.Length} deltas and {gradient.Length} "
                + $"gradients for {columns.Rows} rows, {columns.Pixels} pixels and stride {stride}.");
        }

        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(columns, bounds, deltas, gradient, stride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(columns, bounds, deltas, gradient, stride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(columns, bounds, deltas, gradient, stride);
                break;
            default:
                Scalar(columns, bounds, deltas, gradient, stride);
                break;
        }
    }

    private static void Scalar(PixelColumns columns, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride)
    {
        var shardSums = new float[bounds.Length - 1];
        for (int p = 0; p < columns.Pixels; p++)
        {
            for (int j = 0; j < stride; j++)
            {
                int k = columns.Starts(0)[p / 2], end = columns.Starts(columns.Chunks)[p / 2];
                for (int s = 0; s < shardSums.Length; s++)
                {
                    float sum = 0f;
                    for (; k < end && columns.Entries[k].Row < bounds[s + 1]; k++)
                    {
                        PairEntry entry = columns.Entries[k];
                        sum = MathF.FusedMultiplyAdd(p % 2 == 0 ? entry.Even : entry.Odd, deltas[entry.Row * stride + j], sum);
                    }

                    shardSums[s] = sum + 0f;
                }

                gradient[p * stride + j] = MatrixProduct.TreeSum(shardSums);
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(
        PixelColumns columns, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Span<float> slots = stackalloc float[Levels * 2 * Tile * TSimd.Width];
        ref int starts = ref MemoryMarshal.GetReference(columns.Starts(0));
        ref int ends = ref MemoryMarshal.GetReference(columns.Starts(columns.Chunks));
        ref PairEntry entries = ref MemoryMarshal.GetReference(columns.Entries);
        Span<float> tile = columns.Tile;
        for (int j = 0, floats; j < stride; j += floats)
        {
            bool isWide = stride - j >= Tile * TSimd.Width;
            floats = isWide ? Tile * TSimd.Width : TSimd.Width;
            for (int e = 0; e < columns.Rows; e++)
                deltas.Slice(e * stride + j, floats).CopyTo(tile[(e * floats)..]);
            for (int q = 0; q < columns.Pairs; q++)
            {
                ref float even = ref gradient[2 * q * stride + j];
                // With an odd number of pixels, the last pair's one pixel is written twice: the sums of the missing pixel are zero, and are
                // written first.
                ref float odd = ref 2 * q + 1 < columns.Pixels ? ref Unsafe.Add(ref even, stride) : ref even;
                int start = Unsafe.Add(ref starts, q);
                ref PairEntry first = ref Unsafe.Add(ref entries, start);
                if (isWide)
                    Pair4<TSimd, TVector>(ref first, Unsafe.Add(ref ends, q) - start, bounds, ref tile[0], ref even, ref odd, ref slots[0]);
                else
                    Pair1<TSimd, TVector>(ref first, Unsafe.Add(ref ends, q) - start, bounds, ref tile[0], ref even, ref odd, ref slots[0]);
            }
        }
    }

    // Adds along the tree like ShardTerm, but with the newest sum in registers: a is the even pixel's, b the odd one's. To the left of each
    // sum, l or r is +0 or a sum that is not -0, so adding it gives no -0 either.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pair4<TSimd, TVector>(
        ref PairEntry entries, nint count, ReadOnlySpan<int> bounds, ref float deltas, ref float even, ref float odd, ref float slots)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width, floats = Tile * TSimd.Width;
        TVector zero = TSimd.Zero;
        TVector a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        TVector l0 = zero, l1 = zero, l2 = zero, l3 = zero, r0 = zero, r1 = zero, r2 = zero, r3 = zero;
        uint present = 0;
        int shard = 0, last = -1;
        for (nint k = 0; k < count;)
        {
            nint row = Unsafe.Add(ref entries, k).Row;
            while (row >= bounds[shard + 1])
                shard++;
            if (last >= 0)
            {
                // Everything below the level at which the two shards diverge is finished: it becomes the left sibling at that level.
                int level = BitOperations.Log2((uint)(shard ^ last));
                a0 = TSimd.Add(l0, a0);
                a1 = TSimd.Add(l1, a1);
                a2 = TSimd.Add(l2, a2);
                a3 = TSimd.Add(l3, a3);
                b0 = TSimd.Add(r0, b0);
                b1 = TSimd.Add(r1, b1);
                b2 = TSimd.Add(r2, b2);
                b3 = TSimd.Add(r3, b3);
                if (level == 0)
                {
                    (l0, l1, l2, l3, r0, r1, r2, r3) = (a0, a1, a2, a3, b0, b1, b2, b3);
                }
                else
                {
                    Carry<TSimd, TVector>(ref a0, ref a1, ref a2, ref a3, present & ((1u << level) - 1), ref slots);
                    Carry<TSimd, TVector>(ref b0, ref b1, ref b2, ref b3, present & ((1u << level) - 1), ref Unsafe.Add(ref slots, floats));
                    ref float slot = ref Unsafe.Add(ref slots, level * 2 * floats);
                    TSimd.Store(a0, ref slot, 0);
                    TSimd.Store(a1, ref slot, width);
                    TSimd.Store(a2, ref slot, 2 * width);
                    TSimd.Store(a3, ref slot, 3 * width);
                    TSimd.Store(b0, ref slot, 4 * width);
                    TSimd.Store(b1, ref slot, 5 * width);
                    TSimd.Store(b2, ref slot, 6 * width);
                    TSimd.Store(b3, ref slot, 7 * width);
                    present = (present & ~((1u << level) - 1)) | (1u << level);
                    l0 = l1 = l2 = l3 = r0 = r1 = r2 = r3 = zero;
                }

                a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = zero;
            }

            last = shard;
            int shardEnd = bounds[shard + 1];
            do
            {
                ref PairEntry entry = ref Unsafe.Add(ref entries, k);
                TVector x = TSimd.Broadcast(entry.Even), y = TSimd.Broadcast(entry.Odd);
                ref float delta = ref Unsafe.Add(ref deltas, row * floats);
                TVector d = TSimd.Load(ref delta, 0);
                a0 = TSimd.FusedMultiplyAdd(x, d, a0);
                b0 = TSimd.FusedMultiplyAdd(y, d, b0);
                d = TSimd.Load(ref delta, width);
                a1 = TSimd.FusedMultiplyAdd(x, d, a1);
                b1 = TSimd.FusedMultiplyAdd(y, d, b1);
                d = TSimd.Load(ref delta, 2 * width);
                a2 = TSimd.FusedMultiplyAdd(x, d, a2);
                b2 = TSimd.FusedMultiplyAdd(y, d, b2);
                d = TSimd.Load(ref delta, 3 * width);
                a3 = TSimd.FusedMultiplyAdd(x, d, a3);
                b3 = TSimd.FusedMultiplyAdd(y, d, b3);
                if (++k >= count)
                    break;
                row = Unsafe.Add(ref entry, 1).Row;
            }
            while (row < shardEnd);
        }

        a0 = TSimd.Add(l0, a0);
        a1 = TSimd.Add(l1, a1);
        a2 = TSimd.Add(l2, a2);
        a3 = TSimd.Add(l3, a3);
        b0 = TSimd.Add(r0, b0);
        b1 = TSimd.Add(r1, b1);
        b2 = TSimd.Add(r2, b2);
        b3 = TSimd.Add(r3, b3);
        Carry<TSimd, TVector>(ref a0, ref a1, ref a2, ref a3, present, ref slots);
        Carry<TSimd, TVector>(ref b0, ref b1, ref b2, ref b3, present, ref Unsafe.Add(ref slots, floats));
        TSimd.Store(b0, ref odd, 0);
        TSimd.Store(b1, ref odd, width);
        TSimd.Store(b2, ref odd, 2 * width);
        TSimd.Store(b3, ref odd, 3 * width);
        TSimd.Store(a0, ref even, 0);
        TSimd.Store(a1, ref even, width);
        TSimd.Store(a2, ref even, 2 * width);
        TSimd.Store(a3, ref even, 3 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry<TSimd, TVector>(ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3, uint levels, ref float slots)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (; levels != 0; levels &= levels - 1)
        {
            ref float slot = ref Unsafe.Add(ref slots, BitOperations.TrailingZeroCount(levels) * 2 * Tile * TSimd.Width);
            s0 = TSimd.Add(TSimd.Load(ref slot, 0), s0);
            s1 = TSimd.Add(TSimd.Load(ref slot, TSimd.Width), s1);
            s2 = TSimd.Add(TSimd.Load(ref slot, 2 * TSimd.Width), s2);
            s3 = TSimd.Add(TSimd.Load(ref slot, 3 * TSimd.Width), s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pair1<TSimd, TVector>(
        ref PairEntry entries, nint count, ReadOnlySpan<int> bounds, ref float deltas, ref float even, ref float odd, ref float slots)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        TVector a = TSimd.Zero, b = a;
        uint present = 0;
        int shard = 0, last = -1;
        for (nint k = 0; k < count;)
        {
            nint row = Unsafe.Add(ref entries, k).Row;
            while (row >= bounds[shard + 1])
                shard++;
            if (last >= 0)
            {
                int level = BitOperations.Log2((uint)(shard ^ last));
                uint below = (1u << level) - 1;
                for (uint rest = present & below; rest != 0; rest &= rest - 1)
                {
                    nint slot = BitOperations.TrailingZeroCount(rest) * 2 * width;
                    (a, b) = (TSimd.Add(TSimd.Load(ref slots, slot), a), TSimd.Add(TSimd.Load(ref slots, slot + width), b));
                }

                TSimd.Store(a, ref slots, level * 2 * width);
                TSimd.Store(b, ref slots, level * 2 * width + width);
                present = (present & ~below) | (1u << level);
                a = b = TSimd.Zero;
            }

            last = shard;
            int shardEnd = bounds[shard + 1];
            do
            {
                ref PairEntry entry = ref Unsafe.Add(ref entries, k);
                TVector d = TSimd.Load(ref deltas, row * width);
                a = TSimd.FusedMultiplyAdd(TSimd.Broadcast(entry.Even), d, a);
                b = TSimd.FusedMultiplyAdd(TSimd.Broadcast(entry.Odd), d, b);
                if (++k >= count)
                    break;
                row = Unsafe.Add(ref entry, 1).Row;
            }
            while (row < shardEnd);

            (a, b) = (TSimd.Add(a, TSimd.Zero), TSimd.Add(b, TSimd.Zero));
        }

        for (; present != 0; present &= present - 1)
        {
            nint slot = BitOperations.TrailingZeroCount(present) * 2 * width;
            (a, b) = (TSimd.Add(TSimd.Load(ref slots, slot), a), TSimd.Add(TSimd.Load(ref slots, slot + width), b));
        }

        TSimd.Store(b, ref odd, 0);
        TSimd.Store(a, ref even, 0);
    }
}
