using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The one kernel of all dense products, <c>c = a · b</c>, with the sum over the inner index cut into shards:
/// <code>
/// c[m, n] = tree over shards s of ( initial[n] + Σ k in bounds[s]..bounds[s + 1] of a[m, k] · b[k, n] ) + 0
/// a: [rows, depth] with any strides   b: [depth, columns]   c: [rows, columns]   initial: [columns] or absent
/// </code>
/// Each sum takes its terms in the order of k, each by one fused multiply-add; shards are added along the aligned binary tree
/// (see <see cref="Reduction.ReductionTree"/>). Adding +0 turns -0 into +0. Columns are padded to 16, so there are no tails.
/// <para>
/// Forward: a = activations, b = weights, initial = biases. Gradient of the inputs: a = deltas, b = transposed weights.
/// Gradient of the weights: a = transposed activations (swapped strides), b = deltas. Gradient of the biases: a = a single 1, strides 0.
/// </para>
/// </summary>
internal static class MatrixProduct
{
    private const int TileRows = 4;
    private const int TileVectors = 2;
    private const int PanelDepth = 128;
    private const int MinRowsToPack = 16;

    /// <summary>Computes c. It must not overlap the other operands.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the columns are not a multiple of 16.</exception>
    public static void Run(
        SimdWidth width, int rows, int columns, Strided a, ReadOnlySpan<float> b, int bStride,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, Span<float> c, int cStride)
    {
        Check(rows, columns, a, b, bStride, bounds, initial, c, cStride);
        if (rows == 0 || columns == 0)
            return;
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(rows, columns, a, b, bStride, bounds, initial, c, cStride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(rows, columns, a, b, bStride, bounds, initial, c, cStride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(rows, columns, a, b, bStride, bounds, initial, c, cStride);
                break;
            default:
                Scalar(rows, columns, a, b, bStride, bounds, initial, c, cStride);
                break;
        }
    }

    private static void Check(
        int rows, int columns, Strided a, ReadOnlySpan<float> b, int bStride,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, ReadOnlySpan<float> c, int cStride)
    {
        if (bounds.Length < 2 || bounds[0] != 0)
            throw new ArgumentException($"{bounds.Length} bounds; expected at least two, from 0.", nameof(bounds));
        for (int s = 1; s < bounds.Length; s++)
        {
            if (bounds[s] < bounds[s - 1])
                throw new ArgumentException($"Shard {s - 1} ends at {bounds[s]}, before its start {bounds[s - 1]}.", nameof(bounds));
        }

        long depth = bounds[^1];
        if (columns % 16 != 0 || bStride < columns || cStride < columns)
            throw new ArgumentException($"{columns} columns with strides {bStride} and {cStride}; expected a multiple of 16 and strides no smaller.", nameof(columns));
        if (rows > 0 && depth > 0 && (rows - 1L) * a.RowStride + (depth - 1) * a.ColumnStride >= a.Values.Length)
            throw new ArgumentException($"{a.Values.Length} values for [{rows}, {depth}] with strides {a.RowStride}, {a.ColumnStride}.", nameof(a));
        if (depth > 0 && (depth - 1) * bStride + columns > b.Length)
            throw new ArgumentException($"{b.Length} values for [{depth}, {columns}] with stride {bStride}.", nameof(b));
        if (!initial.IsEmpty && (initial.Length < columns || bounds.Length != 2))
            throw new ArgumentException($"{initial.Length} initial values for {columns} columns and {bounds.Length - 1} shards; expected as many and one shard.", nameof(initial));
        if (rows > 0 && (rows - 1L) * cStride + columns > c.Length)
            throw new ArgumentException($"{c.Length} values for [{rows}, {columns}] with stride {cStride}.", nameof(c));
    }

    private static void Scalar(
        int rows, int columns, Strided a, ReadOnlySpan<float> b, int bStride,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, Span<float> c, int cStride)
    {
        var shardSums = new float[bounds.Length - 1];
        for (int m = 0; m < rows; m++)
        {
            for (int n = 0; n < columns; n++)
            {
                for (int s = 0; s < shardSums.Length; s++)
                {
                    float sum = initial.IsEmpty ? 0f : initial[n];
                    for (int k = bounds[s]; k < bounds[s + 1]; k++)
                        sum = MathF.FusedMultiplyAdd(a.Values[m * a.RowStride + k * a.ColumnStride], b[k * bStride + n], sum);
                    shardSums[s] = sum + 0f;
                }

                c[m * cStride + n] = TreeSum(shardSums);
            }
        }
    }

    /// <summary>The sum along the aligned binary tree: the left part is the largest power of two below the length.</summary>
    public static float TreeSum(ReadOnlySpan<float> terms)
    {
        if (terms.Length == 1)
            return terms[0];
        int left = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)terms.Length) / 2;
        return TreeSum(terms[..left]) + TreeSum(terms[left..]);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(
        int rows, int columns, Strided a, ReadOnlySpan<float> b, int bStride,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, Span<float> c, int cStride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        Span<float> slots = stackalloc float[ShardTree<TSimd, TVector>.Slots * TileRows * TileVectors * TSimd.Width];
        Span<float> packed = stackalloc float[PanelDepth * TileVectors * TSimd.Width];
        ref float aFirst = ref MemoryMarshal.GetReference(a.Values);
        ref float bFirst = ref MemoryMarshal.GetReference(b);
        ref float cFirst = ref MemoryMarshal.GetReference(c);
        int depth = bounds[^1];
        for (int n = 0, vectors; n < columns; n += vectors * TSimd.Width)
        {
            vectors = columns - n >= TileVectors * TSimd.Width ? TileVectors : 1;
            nint rowFloats = vectors * TSimd.Width;

            // A panel of b that many rows of a meet is laid out anew, so that it stays in the first-level cache whatever b's stride.
            bool packs = rows >= MinRowsToPack && rowFloats < bStride && (bounds.Length == 2 || depth <= PanelDepth);
            nint step = packs ? rowFloats : bStride;
            if (bounds.Length > 2)
            {
                scoped ref float panel = ref packs ? ref Pack<TSimd, TVector>(ref Unsafe.Add(ref bFirst, n), bStride, depth, rowFloats, packed) : ref Unsafe.Add(ref bFirst, n);
                for (int m = 0, tileRows; m < rows; m += tileRows)
                {
                    tileRows = rows - m >= TileRows ? TileRows : 1;
                    ref float aTile = ref Unsafe.Add(ref aFirst, (nint)m * a.RowStride);
                    var tree = new ShardTree<TSimd, TVector>(slots, tileRows * (int)rowFloats);
                    for (int s = 0; s < bounds.Length - 1; s++)
                    {
                        nint start = bounds[s];
                        int shardDepth = bounds[s + 1] - bounds[s];
                        if (shardDepth > 0)
                        {
                            Tile<TSimd, TVector>(
                                tileRows, vectors, ref Unsafe.Add(ref aTile, start * a.ColumnStride), a.RowStride, a.ColumnStride,
                                ref Unsafe.Add(ref panel, start * step), step, shardDepth, ref Unsafe.NullRef<float>(), 0, ref tree.Open(s), rowFloats);
                        }
                    }

                    tree.Close(ref Unsafe.Add(ref cFirst, (nint)m * cStride + n), (int)rowFloats, cStride);
                }

                continue;
            }

            // Long sums go on from c, a panel after the other. The zero rule in between changes at most the sign of a zero, as it does in the end.
            int start0 = 0;
            do
            {
                int panelDepth = packs ? Math.Min(PanelDepth, depth - start0) : depth;
                scoped ref float panel = ref Unsafe.Add(ref bFirst, (nint)start0 * bStride + n);
                if (packs)
                    panel = ref Pack<TSimd, TVector>(ref panel, bStride, panelDepth, rowFloats, packed);
                for (int m = 0, tileRows; m < rows; m += tileRows)
                {
                    tileRows = rows - m >= TileRows ? TileRows : 1;
                    ref float cTile = ref Unsafe.Add(ref cFirst, (nint)m * cStride + n);
                    ref float from = ref start0 > 0 ? ref cTile
                        : ref initial.IsEmpty ? ref Unsafe.NullRef<float>() : ref Unsafe.Add(ref MemoryMarshal.GetReference(initial), n);
                    Tile<TSimd, TVector>(
                        tileRows, vectors, ref Unsafe.Add(ref aFirst, (nint)m * a.RowStride + (nint)start0 * a.ColumnStride), a.RowStride, a.ColumnStride,
                        ref panel, step, panelDepth, ref from, start0 > 0 ? cStride : 0, ref cTile, cStride);
                }

                start0 += panelDepth;
            }
            while (start0 < depth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ref float Pack<TSimd, TVector>(ref float b, nint stride, int depth, nint rowFloats, Span<float> packed)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float destination = ref MemoryMarshal.GetReference(packed);
        for (nint k = 0; k < depth; k++)
        {
            for (nint j = 0; j < rowFloats; j += TSimd.Width)
                TSimd.Store(TSimd.Load(ref b, k * stride + j), ref destination, k * rowFloats + j);
        }

        return ref destination;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TSimd, TVector>(
        int rows, int vectors, ref float a, nint aRow, nint aStep, ref float b, nint bStep, int depth, ref float initial, nint initialRow, ref float c, nint cRow)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (rows == TileRows)
        {
            if (vectors == TileVectors)
                Tile4X2<TSimd, TVector>(ref a, aRow, aStep, ref b, bStep, depth, ref initial, initialRow, ref c, cRow);
            else
                Tile4X1<TSimd, TVector>(ref a, aRow, aStep, ref b, bStep, depth, ref initial, initialRow, ref c, cRow);
            return;
        }

        for (int v = 0; v < vectors; v++)
        {
            nint column = v * TSimd.Width;
            ref float initialColumn = ref Unsafe.IsNullRef(ref initial) ? ref initial : ref Unsafe.Add(ref initial, column);
            Tile1X1<TSimd, TVector>(ref a, aStep, ref Unsafe.Add(ref b, column), bStep, depth, ref initialColumn, ref Unsafe.Add(ref c, column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4X2<TSimd, TVector>(
        ref float a, nint aRow, nint aStep, ref float b, nint bStep, int depth, ref float initial, nint initialRow, ref float c, nint cRow)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        TVector c00 = Start<TSimd, TVector>(ref initial, 0), c01 = Start<TSimd, TVector>(ref initial, width);
        TVector c10 = Start<TSimd, TVector>(ref initial, initialRow), c11 = Start<TSimd, TVector>(ref initial, initialRow + width);
        TVector c20 = Start<TSimd, TVector>(ref initial, 2 * initialRow), c21 = Start<TSimd, TVector>(ref initial, 2 * initialRow + width);
        TVector c30 = Start<TSimd, TVector>(ref initial, 3 * initialRow), c31 = Start<TSimd, TVector>(ref initial, 3 * initialRow + width);
        ref float a1 = ref Unsafe.Add(ref a, aRow);
        ref float a2 = ref Unsafe.Add(ref a1, aRow);
        ref float a3 = ref Unsafe.Add(ref a2, aRow);
        nint offsetA = 0, offsetB = 0;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(ref b, offsetB);
            TVector b1 = TSimd.Load(ref b, offsetB + width);
            TVector value = TSimd.Broadcast(Unsafe.Add(ref a, offsetA));
            c00 = TSimd.FusedMultiplyAdd(value, b0, c00);
            c01 = TSimd.FusedMultiplyAdd(value, b1, c01);
            value = TSimd.Broadcast(Unsafe.Add(ref a1, offsetA));
            c10 = TSimd.FusedMultiplyAdd(value, b0, c10);
            c11 = TSimd.FusedMultiplyAdd(value, b1, c11);
            value = TSimd.Broadcast(Unsafe.Add(ref a2, offsetA));
            c20 = TSimd.FusedMultiplyAdd(value, b0, c20);
            c21 = TSimd.FusedMultiplyAdd(value, b1, c21);
            value = TSimd.Broadcast(Unsafe.Add(ref a3, offsetA));
            c30 = TSimd.FusedMultiplyAdd(value, b0, c30);
            c31 = TSimd.FusedMultiplyAdd(value, b1, c31);
            offsetA += aStep;
            offsetB += bStep;
        }

        Finish<TSimd, TVector>(c00, ref c, 0);
        Finish<TSimd, TVector>(c01, ref c, width);
        Finish<TSimd, TVector>(c10, ref c, cRow);
        Finish<TSimd, TVector>(c11, ref c, cRow + width);
        Finish<TSimd, TVector>(c20, ref c, 2 * cRow);
        Finish<TSimd, TVector>(c21, ref c, 2 * cRow + width);
        Finish<TSimd, TVector>(c30, ref c, 3 * cRow);
        Finish<TSimd, TVector>(c31, ref c, 3 * cRow + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4X1<TSimd, TVector>(
        ref float a, nint aRow, nint aStep, ref float b, nint bStep, int depth, ref float initial, nint initialRow, ref float c, nint cRow)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector c0 = Start<TSimd, TVector>(ref initial, 0), c1 = Start<TSimd, TVector>(ref initial, initialRow);
        TVector c2 = Start<TSimd, TVector>(ref initial, 2 * initialRow), c3 = Start<TSimd, TVector>(ref initial, 3 * initialRow);
        ref float a1 = ref Unsafe.Add(ref a, aRow);
        ref float a2 = ref Unsafe.Add(ref a1, aRow);
        ref float a3 = ref Unsafe.Add(ref a2, aRow);
        nint offsetA = 0, offsetB = 0;
        for (int k = 0; k < depth; k++)
        {
            TVector row = TSimd.Load(ref b, offsetB);
            c0 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a, offsetA)), row, c0);
            c1 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a1, offsetA)), row, c1);
            c2 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a2, offsetA)), row, c2);
            c3 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a3, offsetA)), row, c3);
            offsetA += aStep;
            offsetB += bStep;
        }

        Finish<TSimd, TVector>(c0, ref c, 0);
        Finish<TSimd, TVector>(c1, ref c, cRow);
        Finish<TSimd, TVector>(c2, ref c, 2 * cRow);
        Finish<TSimd, TVector>(c3, ref c, 3 * cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1X1<TSimd, TVector>(
        ref float a, nint aStep, ref float b, nint bStep, int depth, ref float initial, ref float c)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector sum = Start<TSimd, TVector>(ref initial, 0);
        nint offsetA = 0, offsetB = 0;
        for (int k = 0; k < depth; k++)
        {
            sum = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a, offsetA)), TSimd.Load(ref b, offsetB), sum);
            offsetA += aStep;
            offsetB += bStep;
        }

        Finish<TSimd, TVector>(sum, ref c, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Start<TSimd, TVector>(ref float initial, nint offset)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => Unsafe.IsNullRef(ref initial) ? TSimd.Zero : TSimd.Load(ref initial, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TSimd, TVector>(TVector sum, ref float c, nint offset)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Store(TSimd.Add(sum, TSimd.Zero), ref c, offset);
}
