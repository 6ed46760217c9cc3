using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The input layer, forward. Images are sparse, and the layer is defined accordingly: pairs of zero pixels are not terms of the sum.
/// <code>
/// z[e, j] = biases[j] + Σ over the pairs q of row e, ascending, of x[e, 2q] · weights[2q, j] + x[e, 2q + 1] · weights[2q + 1, j]
/// x = scaled[intensity]: intensity / 255; with input dropout, divided by the keep probability, or 0 for a dropped pixel
/// weights: [pixels, units]   z: [rows, units]
/// </code>
/// One fused multiply-add per term, in that order. Rows of weights, biases and z have a common stride, a multiple of 16.
/// <para>
/// The vector form holds the weights of a pair in registers and applies them to all rows that contain it. Each load and store for a row
/// serves two terms, and the weights are read once for a chunk of rows, whose sums stay in the first-level cache.
/// </para>
/// </summary>
internal static class PixelForward
{
    // Vectors of the wide tile.
    private const int Tile = 4;

    // Pairs whose weights are prefetched: rows are too far apart for the hardware prefetcher.
    private const int Ahead = 4;

    /// <summary>x of every intensity: intensity / 255 in single precision.</summary>
    public static readonly float[] Scaled = [.. Enumerable.Range(0, 256).Select(intensity => intensity / 255f)];

    /// <summary>Computes z for the batch in <paramref name="columns"/>; overwrites their tile.</summary>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or the stride is not a multiple of 16.</exception>
    public static void Run(
        SimdWidth width, PixelColumns columns, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        if (stride < 16 || stride % 16 != 0)
            throw new ArgumentException($"Stride {stride}; expected a multiple of 16.", nameof(stride));
        if (weights.Length < (long)columns.Pixels * stride || biases.Length < stride || z.Length < (long)columns.Rows * stride)
            throw new ArgumentException($"{weights.Length} weights, {biases.Length} biases and {z.Length} sums for {columns.Pixels} "
                + $"pixels, {columns.Rows} rows and stride {stride}.");
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(columns, weights, biases, z, stride);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(columns, weights, biases, z, stride);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(columns, weights, biases, z, stride);
                break;
            default:
                Scalar(columns, weights, biases, z, stride);
                break;
        }
    }

    private static void Scalar(PixelColumns columns, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
    {
        for (int e = 0; e < columns.Rows; e++)
            biases[..stride].CopyTo(z[(e * stride)..]);
        for (int q = 0; q < columns.Pairs; q++)
        {
            foreach (PairEntry entry in columns.Entries[columns.Starts(0)[q]..columns.Starts(columns.Chunks)[q]])
            {
                for (int j = 0; j < stride; j++)
                {
                    ref float sum = ref z[entry.Row * stride + j];
                    sum = MathF.FusedMultiplyAdd(entry.Even, weights[2 * q * stride + j], sum);
                    if (2 * q + 1 < columns.Pixels)
                        sum = MathF.FusedMultiplyAdd(entry.Odd, weights[(2 * q + 1) * stride + j], sum);
                }
            }
        }
    }

    private static void Vectorised<TSimd, TVector>(
        PixelColumns columns, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (int chunk = 0; chunk < columns.Chunks; chunk++)
        {
            int first = chunk * PixelColumns.ChunkRows, rows = Math.Min(PixelColumns.ChunkRows, columns.Rows - first);
            for (int j = 0, floats; j < stride; j += floats)
            {
                bool isWide = stride - j >= Tile * TSimd.Width;
                floats = isWide ? Tile * TSimd.Width : TSimd.Width;
                Span<float> tile = columns.Tile;
                for (int e = 0; e < rows; e++)
                    biases.Slice(j, floats).CopyTo(tile[(e * floats)..]);
                if (isWide)
                    Add4<TSimd, TVector>(columns, chunk, weights[j..], stride, tile);
                else
                    Add1<TSimd, TVector>(columns, chunk, weights[j..], stride, tile);
                for (int e = 0; e < rows; e++)
                    tile.Slice(e * floats, floats).CopyTo(z[((first + e) * stride + j)..]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add4<TSimd, TVector>(PixelColumns columns, int chunk, ReadOnlySpan<float> weights, nint stride, Span<float> tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width, floats = Tile * TSimd.Width, first = chunk * PixelColumns.ChunkRows;
        int pairs = columns.Pairs, whole = columns.Pixels / 2;
        ref int starts = ref MemoryMarshal.GetReference(columns.Starts(chunk));
        ref int ends = ref MemoryMarshal.GetReference(columns.Starts(chunk + 1));
        ref PairEntry entries = ref MemoryMarshal.GetReference(columns.Entries);
        ref float even = ref MemoryMarshal.GetReference(weights);
        ref float sums = ref MemoryMarshal.GetReference(tile);
        for (nint q = 0; q < pairs; q++, even = ref Unsafe.Add(ref even, 2 * stride))
        {
            nint k = Unsafe.Add(ref starts, q), end = Unsafe.Add(ref ends, q);
            if (k == end)
                continue;
            if (q + Ahead < whole)
                MatrixPanels.Prefetch(ref Unsafe.Add(ref even, Ahead * 2 * stride), stride, 2, (int)floats);

            TVector a0 = TSimd.Load(ref even, 0), a1 = TSimd.Load(ref even, width), a2 = TSimd.Load(ref even, 2 * width),
                a3 = TSimd.Load(ref even, 3 * width);
            TVector b0 = TSimd.Zero, b1 = b0, b2 = b0, b3 = b0;
            if (q < whole)
            {
                b0 = TSimd.Load(ref even, stride);
                b1 = TSimd.Load(ref even, stride + width);
                b2 = TSimd.Load(ref even, stride + 2 * width);
                b3 = TSimd.Load(ref even, stride + 3 * width);
            }

            ref PairEntry entry = ref Unsafe.Add(ref entries, k);
            ref PairEntry last = ref Unsafe.Add(ref entries, end);
            do
            {
                TVector x = TSimd.Broadcast(entry.Even), y = TSimd.Broadcast(entry.Odd);
                ref float sum = ref Unsafe.Add(ref sums, (entry.Row - first) * floats);
                TSimd.Store(TSimd.FusedMultiplyAdd(y, b0, TSimd.FusedMultiplyAdd(x, a0, TSimd.Load(ref sum, 0))), ref sum, 0);
                TSimd.Store(TSimd.FusedMultiplyAdd(y, b1, TSimd.FusedMultiplyAdd(x, a1, TSimd.Load(ref sum, width))), ref sum, width);
                TSimd.Store(
                    TSimd.FusedMultiplyAdd(y, b2, TSimd.FusedMultiplyAdd(x, a2, TSimd.Load(ref sum, 2 * width))), ref sum, 2 * width);
                TSimd.Store(
                    TSimd.FusedMultiplyAdd(y, b3, TSimd.FusedMultiplyAdd(x, a3, TSimd.Load(ref sum, 3 * width))), ref sum, 3 * width);
                entry = ref Unsafe.Add(ref entry, 1);
            }
            while (Unsafe.IsAddressLessThan(ref entry, ref last));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add1<TSimd, TVector>(PixelColumns columns, int chunk, ReadOnlySpan<float> weights, nint stride, Span<float> tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint floats = TSimd.Width, first = chunk * PixelColumns.ChunkRows;
        int pairs = columns.Pairs, whole = columns.Pixels / 2;
        ref int starts = ref MemoryMarshal.GetReference(columns.Starts(chunk));
        ref int ends = ref MemoryMarshal.GetReference(columns.Starts(chunk + 1));
        ref PairEntry entries = ref MemoryMarshal.GetReference(columns.Entries);
        ref float even = ref MemoryMarshal.GetReference(weights);
        ref float sums = ref MemoryMarshal.GetReference(tile);
        for (nint q = 0; q < pairs; q++, even = ref Unsafe.Add(ref even, 2 * stride))
        {
            TVector a = TSimd.Load(ref even, 0), b = q < whole ? TSimd.Load(ref even, stride) : TSimd.Zero;
            for (nint k = Unsafe.Add(ref starts, q); k < Unsafe.Add(ref ends, q); k++)
            {
                ref PairEntry entry = ref Unsafe.Add(ref entries, k);
                ref float sum = ref Unsafe.Add(ref sums, (entry.Row - first) * floats);
                TVector s = TSimd.FusedMultiplyAdd(TSimd.Broadcast(entry.Even), a, TSimd.Load(ref sum, 0));
                TSimd.Store(TSimd.FusedMultiplyAdd(TSimd.Broadcast(entry.Odd), b, s), ref sum, 0);
            }
        }
    }
}
