using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The gradient of the input layer's weights, from the batch's columns.
/// <code>
/// gradient[p, j] = tree over shards s of ( Σ over the examples e of shard s, ascending, whose pixel p is not zero, of x[e, p] · deltas[e, j] ) + 0
/// deltas: [examples, units]   gradient: [pixels, units]   shard s: examples bounds[s]..bounds[s + 1]
/// </code>
/// One fused multiply-add per term; shards are added along the aligned binary tree. A pixel that is zero in all examples gives a row of zeros.
/// The vector form keeps a tile of outputs in registers over all shards, so each gradient is stored once.
/// </summary>
internal static class PixelGradient
{
    // Vectors of the wide tile; and levels of the tree over RunSpec.MaxShards shards.
    private const int Tile = 8;
    private const int Levels = 12;

    /// <summary>Computes the gradient. Rows of deltas and gradient have the common <paramref name="stride"/>, a multiple of 16.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    public static void Run(SimdWidth width, PixelColumns columns, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride)
    {
        int pixels = columns.Starts.Length - 1;
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (bounds.Length is < 2 or > (1 << Levels) + 1 || bounds[0] != 0 || deltas.Length < (long)bounds[^1] * stride || gradient.Length < (long)pixels * stride)
            throw new ArgumentException($"{bounds.Length} bounds, {deltas.Length} deltas and {gradient.Length} gradients for {pixels} pixels and stride {stride}.");
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
        for (int p = 0; p < columns.Starts.Length - 1; p++)
        {
            for (int j = 0; j < stride; j++)
            {
                int k = columns.Starts[p], end = columns.Starts[p + 1];
                for (int s = 0; s < shardSums.Length; s++)
                {
                    float sum = 0f;
                    for (; k < end && columns.Examples[k] < bounds[s + 1]; k++)
                        sum = MathF.FusedMultiplyAdd(columns.Values[k], deltas[columns.Examples[k] * stride + j], sum);
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
        Span<float> slots = stackalloc float[Levels * Tile * TSimd.Width];
        nint wide = Tile * TSimd.Width;
        for (nint j = 0; j < stride;)
        {
            ref float delta = ref Unsafe.Add(ref MemoryMarshal.GetReference(deltas), j);
            ref float output = ref Unsafe.Add(ref MemoryMarshal.GetReference(gradient), j);
            bool isWide = stride - j >= wide;
            for (int p = 0; p < columns.Starts.Length - 1; p++, output = ref Unsafe.Add(ref output, stride))
            {
                int start = columns.Starts[p], end = columns.Starts[p + 1];
                ref int examples = ref Unsafe.Add(ref MemoryMarshal.GetReference(columns.Examples), start);
                ref float values = ref Unsafe.Add(ref MemoryMarshal.GetReference(columns.Values), start);
                if (isWide)
                    Column8<TSimd, TVector>(ref examples, ref values, end - start, bounds, ref delta, ref output, stride, ref slots[0]);
                else
                    Column1<TSimd, TVector>(ref examples, ref values, end - start, bounds, ref delta, ref output, stride, ref slots[0]);
            }

            j += isWide ? wide : TSimd.Width;
        }
    }

    // The tree is added up as by ShardTree, but with the newest sum in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column8<TSimd, TVector>(
        ref int examples, ref float values, nint entries, ReadOnlySpan<int> bounds, ref float deltas, ref float output, nint stride, ref float slots)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        TVector zero = TSimd.Zero;
        TVector s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero;
        uint present = 0;
        int shard = 0, last = -1;
        for (nint k = 0; k < entries;)
        {
            int example = Unsafe.Add(ref examples, k);
            while (example >= bounds[shard + 1])
                shard++;
            if (last >= 0)
            {
                // Everything below the level where the two shards part is finished: it becomes the left sibling at that level.
                int level = BitOperations.Log2((uint)(shard ^ last));
                uint below = (1u << level) - 1;
                ref float slot = ref slots;
                for (uint rest = present & below; rest != 0; rest &= rest - 1)
                {
                    slot = ref Unsafe.Add(ref slots, BitOperations.TrailingZeroCount(rest) * Tile * width);
                    s0 = TSimd.Add(TSimd.Load(ref slot, 0), s0);
                    s1 = TSimd.Add(TSimd.Load(ref slot, width), s1);
                    s2 = TSimd.Add(TSimd.Load(ref slot, 2 * width), s2);
                    s3 = TSimd.Add(TSimd.Load(ref slot, 3 * width), s3);
                    s4 = TSimd.Add(TSimd.Load(ref slot, 4 * width), s4);
                    s5 = TSimd.Add(TSimd.Load(ref slot, 5 * width), s5);
                    s6 = TSimd.Add(TSimd.Load(ref slot, 6 * width), s6);
                    s7 = TSimd.Add(TSimd.Load(ref slot, 7 * width), s7);
                }

                slot = ref Unsafe.Add(ref slots, level * Tile * width);
                TSimd.Store(s0, ref slot, 0);
                TSimd.Store(s1, ref slot, width);
                TSimd.Store(s2, ref slot, 2 * width);
                TSimd.Store(s3, ref slot, 3 * width);
                TSimd.Store(s4, ref slot, 4 * width);
                TSimd.Store(s5, ref slot, 5 * width);
                TSimd.Store(s6, ref slot, 6 * width);
                TSimd.Store(s7, ref slot, 7 * width);
                present = (present & ~below) | (1u << level);
                s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = zero;
            }

            last = shard;
            int shardEnd = bounds[shard + 1];
            do
            {
                TVector x = TSimd.Broadcast(Unsafe.Add(ref values, k));
                ref float row = ref Unsafe.Add(ref deltas, example * stride);
                s0 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 0), s0);
                s1 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, width), s1);
                s2 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 2 * width), s2);
                s3 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 3 * width), s3);
                s4 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 4 * width), s4);
                s5 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 5 * width), s5);
                s6 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 6 * width), s6);
                s7 = TSimd.FusedMultiplyAdd(x, TSimd.Load(ref row, 7 * width), s7);
                if (++k >= entries)
                    break;
                example = Unsafe.Add(ref examples, k);
            }
            while (example < shardEnd);

            s0 = TSimd.Add(s0, zero);
            s1 = TSimd.Add(s1, zero);
            s2 = TSimd.Add(s2, zero);
            s3 = TSimd.Add(s3, zero);
            s4 = TSimd.Add(s4, zero);
            s5 = TSimd.Add(s5, zero);
            s6 = TSimd.Add(s6, zero);
            s7 = TSimd.Add(s7, zero);
        }

        for (; present != 0; present &= present - 1)
        {
            ref float slot = ref Unsafe.Add(ref slots, BitOperations.TrailingZeroCount(present) * Tile * width);
            s0 = TSimd.Add(TSimd.Load(ref slot, 0), s0);
            s1 = TSimd.Add(TSimd.Load(ref slot, width), s1);
            s2 = TSimd.Add(TSimd.Load(ref slot, 2 * width), s2);
            s3 = TSimd.Add(TSimd.Load(ref slot, 3 * width), s3);
            s4 = TSimd.Add(TSimd.Load(ref slot, 4 * width), s4);
            s5 = TSimd.Add(TSimd.Load(ref slot, 5 * width), s5);
            s6 = TSimd.Add(TSimd.Load(ref slot, 6 * width), s6);
            s7 = TSimd.Add(TSimd.Load(ref slot, 7 * width), s7);
        }

        TSimd.Store(s0, ref output, 0);
        TSimd.Store(s1, ref output, width);
        TSimd.Store(s2, ref output, 2 * width);
        TSimd.Store(s3, ref output, 3 * width);
        TSimd.Store(s4, ref output, 4 * width);
        TSimd.Store(s5, ref output, 5 * width);
        TSimd.Store(s6, ref output, 6 * width);
        TSimd.Store(s7, ref output, 7 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column1<TSimd, TVector>(
        ref int examples, ref float values, nint entries, ReadOnlySpan<int> bounds, ref float deltas, ref float output, nint stride, ref float slots)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        TVector sum = TSimd.Zero;
        uint present = 0;
        int shard = 0, last = -1;
        for (nint k = 0; k < entries;)
        {
            int example = Unsafe.Add(ref examples, k);
            while (example >= bounds[shard + 1])
                shard++;
            if (last >= 0)
            {
                int level = BitOperations.Log2((uint)(shard ^ last));
                uint below = (1u << level) - 1;
                for (uint rest = present & below; rest != 0; rest &= rest - 1)
                    sum = TSimd.Add(TSimd.Load(ref slots, BitOperations.TrailingZeroCount(rest) * width), sum);
                TSimd.Store(sum, ref slots, level * width);
                present = (present & ~below) | (1u << level);
                sum = TSimd.Zero;
            }

            last = shard;
            int shardEnd = bounds[shard + 1];
            do
            {
                sum = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref values, k)), TSimd.Load(ref deltas, example * stride), sum);
                if (++k >= entries)
                    break;
                example = Unsafe.Add(ref examples, k);
            }
            while (example < shardEnd);

            sum = TSimd.Add(sum, TSimd.Zero);
        }

        for (; present != 0; present &= present - 1)
            sum = TSimd.Add(TSimd.Load(ref slots, BitOperations.TrailingZeroCount(present) * width), sum);
        TSimd.Store(sum, ref output, 0);
    }
}
