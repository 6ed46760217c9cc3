using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Memory;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The kernel of all dense products, <c>c = a · b</c>, with the sum over the inner index split into shards:
/// <code>
/// c[m, n] = tree over shards s of ( initial[n] + Σ k in bounds[s]..bounds[s + 1] of a[m, k] · b[k, n] ) + 0
/// a: [rows, depth] with any strides   b: [depth, columns], or transposed   c: [rows, columns]   initial: [columns] or absent
/// </code>
/// Each sum takes its terms in the order of k, each by one fused multiply-add; shards are added along the aligned binary tree
/// (see <see cref="Reduction.ReductionTree"/>). Adding +0 turns -0 into +0. Columns are padded to 16, so there are no tails.
/// <para>
/// Forward: a = activations, b = weights, initial = biases. Gradient of the inputs: a = deltas, b = transposed weights (swapped strides).
/// Gradient of the weights: a = transposed activations, b = deltas. Gradient of the biases: a = a single 1, strides 0.
/// </para>
/// <para>
/// The vector form copies a block of a, which stays in the second-level cache, and panels of b, each of which is used for the whole block,
/// into the order in which <see cref="MatrixTile{TSimd, TVector}"/> reads them. Without the copy, strides of whole pages would map
/// everything to the same few cache sets.
/// </para>
/// </summary>
internal static class MatrixProduct
{
    // Terms of a panel, if the sum is not split into shards.
    private const int PanelDepth = 256;

    // With fewer rows, a copy of b is not reused often enough.
    private const int MinRowsToCopyB = 16;
    private const int MinColumnsToCopyA = 1024;

    /// <summary>Computes c. It must not overlap the other operands.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the columns are not a multiple of 16.</exception>
    public static void Run(
        SimdWidth width, MatrixPanels panels, int rows, int columns, Strided a, Strided b,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, Span<float> c, int cStride)
    {
        Check(rows, columns, a, b, bounds, initial, c, cStride);
        if (rows == 0 || columns == 0)
            return;
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(panels, rows, columns, a, b, bounds, initial, c, cStride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(panels, rows, columns, a, b, bounds, initial, c, cStride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(panels, rows, columns, a, b, bounds, initial, c, cStride);
                break;
            default:
                Scalar(rows, columns, a, b, bounds, initial, c, cStride);
                break;
        }
    }

    private static void Check(
        int rows, int columns, Strided a, Strided b,
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
        int padded = RowPadding.Pad(columns);
        if (b.ColumnStride == 1 && (columns != padded || b.RowStride < columns))
            throw new ArgumentException(
                $"{columns} columns with stride {b.RowStride}; expected a multiple of 16 and a stride no smaller.", nameof(columns));
        if (cStride < padded)
            throw new ArgumentException($"A stride of {cStride} for {columns} columns; expected at least {padded}.", nameof(cStride));
        if (rows > 0 && depth > 0 && (rows - 1L) * a.RowStride + (depth - 1) * a.ColumnStride >= a.Values.Length)
            throw new ArgumentException(
                $"{a.Values.Length} values for [{rows}, {depth}] with strides {a.RowStride}, {a.ColumnStride}.", nameof(a));
        if (depth > 0 && columns > 0 && (depth - 1) * b.RowStride + (columns - 1L) * b.ColumnStride >= b.Values.Length)
            throw new ArgumentException(
                $"{b.Values.Length} values for [{depth}, {columns}] with strides {b.RowStride}, {b.ColumnStride}.", nameof(b));
        if (!initial.IsEmpty && (initial.Length < padded || bounds.Length != 2))
            throw new ArgumentException(
                $"{initial.Length} initial values for {columns} columns and {bounds.Length - 1} shards; expected as many and one shard.",
                nameof(initial));
        if (rows > 0 && (rows - 1L) * cStride + padded > c.Length)
            throw new ArgumentException($"{c.Length} values for [{rows}, {columns}] with stride {cStride}.", nameof(c));
    }

    private static void Scalar(
        int rows, int columns, Strided a, Strided b,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, Span<float> c, int cStride)
    {
        var shardSums = new float[bounds.Length - 1];
        for (int m = 0; m < rows; m++)
        {
            for (int n = 0; n < RowPadding.Pad(columns); n++)
            {
                for (int s = 0; s < shardSums.Length; s++)
                {
                    float sum = initial.IsEmpty ? 0f : initial[n];
                    for (int k = bounds[s]; k < bounds[s + 1]; k++)
                        sum = MathF.FusedMultiplyAdd(
                            a.Values[m * a.RowStride + k * a.ColumnStride],
                            n < columns ? b.Values[k * b.RowStride + n * b.ColumnStride] : 0f, sum);
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
        MatrixPanels panels, int rows, int columns, Strided a, Strided b,
        ReadOnlySpan<int> bounds, ReadOnlySpan<float> initial, Span<float> c, int cStride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int tallRows = MatrixTile<TSimd, TVector>.TallRows, wideFloats = MatrixTile<TSimd, TVector>.WideFloats;
        Span<float> slots = stackalloc float[ShardTerm.Slots * tallRows * wideFloats];
        int depth = bounds[^1], padded = RowPadding.Pad(columns);
        int panelDepth = bounds.Length == 2 ? Math.Min(depth, PanelDepth) : depth;
        bool isTransposed = b.ColumnStride != 1;
        bool copiesA = padded >= MinColumnsToCopyA && panelDepth > 0,
            copiesB = isTransposed || (rows >= MinRowsToCopyB && wideFloats < b.RowStride);
        int blockRows = copiesA ? Math.Min(Math.Max(panels.BlockFloats / panelDepth / tallRows, 1) * tallRows, rows) : rows;
        ref float left = ref panels.Left(copiesA ? blockRows * panelDepth : 0),
            right = ref panels.Right(copiesB ? panelDepth * wideFloats : 0);
        ref float bFirst = ref MemoryMarshal.GetReference(b.Values);

        // Long sums continue from c, one panel after another, unless they are split into shards. Adding +0 in between changes at most the
        // sign of a zero, as it does at the end.
        int start = 0;
        do
        {
            int terms = Math.Min(panelDepth, depth - start);
            ReadOnlySpan<ShardTerm> shards = panels.Terms(bounds.Length == 2 ? [0, terms] : bounds);
            for (int m = 0; m < rows; m += blockRows)
            {
                int blockEnd = Math.Min(rows, m + blockRows);
                ref float aBlock = ref Unsafe.Add(
                    ref MemoryMarshal.GetReference(a.Values), (nint)m * a.RowStride + (nint)start * a.ColumnStride);
                int copiedRows = copiesA ? (blockEnd - m) / tallRows * tallRows : 0;
                for (int i = 0; i < copiedRows; i += tallRows)
                {
                    MatrixPanels.Transpose(
                        ref Unsafe.Add(ref aBlock, (nint)i * a.RowStride), a.RowStride, a.ColumnStride, terms, tallRows, tallRows,
                        ref Unsafe.Add(ref left, i * terms));
                }

                for (int n = 0, floats; n < padded; n += floats)
                {
                    floats = padded - n >= wideFloats ? wideFloats : TSimd.Width;
                    ref float bPanel = ref Unsafe.Add(ref bFirst, (nint)start * b.RowStride + (nint)n * b.ColumnStride);
                    if (isTransposed)
                        MatrixPanels.Transpose(
                            ref bPanel, b.ColumnStride, b.RowStride, terms, Math.Min(floats, columns - n), floats, ref right);
                    else if (copiesB)
                        MatrixPanels.Copy<TSimd, TVector>(ref bPanel, b.RowStride, terms, floats, ref right);
                    ref float cPanel = ref Unsafe.Add(ref MemoryMarshal.GetReference(c), (nint)m * cStride + n);
                    var tile = new MatrixTile<TSimd, TVector>
                    {
                        A = ref left, ARow = 1, AStep = tallRows,
                        B = ref copiesB ? ref right : ref bPanel, BStep = copiesB ? floats : b.RowStride,
                        Initial = ref initial.IsEmpty
                            ? ref Unsafe.NullRef<float>()
                            : ref Unsafe.Add(ref MemoryMarshal.GetReference(initial), n),
                        Slots = ref slots[0],
                        Result = ref cPanel, ResultRow = cStride,
                    };
                    Panel(tile, shards, copiedRows, terms, floats, start > 0);
                    (tile.ARow, tile.AStep) = (a.RowStride, a.ColumnStride);
                    tile.A = ref Unsafe.Add(ref aBlock, (nint)copiedRows * a.RowStride);
                    tile.Result = ref Unsafe.Add(ref cPanel, (nint)copiedRows * cStride);
                    Panel(tile, shards, blockEnd - m - copiedRows, a.RowStride, floats, start > 0);
                }
            }

            start += panelDepth;
        }
        while (start < depth);
    }

    /// <summary>
    /// The tiles of one panel of c, from top to bottom, starting at the given tile. <paramref name="aRow"/>: distance of two rows of a at
    /// the beginning of tiles.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<TSimd, TVector>(
        MatrixTile<TSimd, TVector> tile, ReadOnlySpan<ShardTerm> shards, int rows, nint aRow, int floats, bool goesOn)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float a = ref tile.A;
        ref float b = ref tile.B;
        ref float c = ref tile.Result;
        ref float slots = ref tile.Slots;
        nint cStride = tile.ResultRow;
        for (int m = 0, tileRows; m < rows; m += tileRows)
        {
            tileRows = MatrixTile<TSimd, TVector>.RowsOf(rows - m);
            ref float result = ref Unsafe.Add(ref c, m * cStride);
            MatrixPanels.Prefetch(ref Unsafe.Add(ref result, tileRows * cStride), cStride, Math.Min(tileRows, rows - m - tileRows), floats);
            if (goesOn)
            {
                tile.Initial = ref result;
                tile.InitialRow = cStride;
            }

            foreach (ShardTerm shard in shards)
            {
                tile.A = ref Unsafe.Add(ref a, m * aRow + shard.Start * tile.AStep);
                tile.B = ref Unsafe.Add(ref b, shard.Start * tile.BStep);
                (tile.Depth, tile.Levels) = (shard.Depth, shard.Levels);
                bool isLast = shard.Target == ShardTerm.Result;
                tile.Result = ref isLast ? ref result : ref Unsafe.Add(ref slots, shard.Target * tileRows * floats);
                tile.ResultRow = isLast ? cStride : floats;
                tile.Run(tileRows, floats);
            }
        }
    }
}
