using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lockstep.Model.Memory;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch, transposed into compressed columns: for each pair of pixels the rows of the batch in which it is not zero, in
/// order, with its values. Built for each batch by a counting sort. Rows of float features that are mostly zero take the same form.
/// </summary>
internal sealed class PixelColumns(int pixels) : InputBatch
{
    /// <summary>Rows of a chunk: few enough that a tile of their sums stays in the first-level cache.</summary>
    public const int ChunkRows = 64;

    /// <summary>Maximum floats of a row of a tile.</summary>
    public const int TileFloats = 64;

    private readonly int _pairs = (pixels + 1) / 2;
    private readonly int[] _next = new int[(pixels + 1) / 2];
    private int[] _starts = [];
    private PairEntry[] _entries = [];
    private AlignedBuffer _tile = new(0);
    private int _rows;

    /// <summary>Pixels of one image.</summary>
    public int Pixels => pixels;

    /// <summary>Pixel pairs of one image; if the number of pixels is odd, the last pair has only the even one.</summary>
    public int Pairs => _pairs;

    public override int Rows => _rows;

    /// <summary>Chunks of <see cref="ChunkRows"/> rows; the last may have fewer.</summary>
    public int Chunks => (Rows + ChunkRows - 1) / ChunkRows;

    /// <summary>The entries by pair, and within a pair by row.</summary>
    public ReadOnlySpan<PairEntry> Entries => _entries;

    /// <summary>Memory for a tile of the batch: [rows, <see cref="TileFloats"/>].</summary>
    public Span<float> Tile => _tile.Span;

    /// <summary>
    /// The first entry of each pair in a chunk. In chunk c, pair q has the entries Starts(c)[q] to Starts(c + 1)[q]; in the whole batch,
    /// Starts(0)[q] to Starts(<see cref="Chunks"/>)[q].
    /// </summary>
    public ReadOnlySpan<int> Starts(int chunk) => _starts.AsSpan(chunk * _pairs, _pairs);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Load(in PixelBatch batch)
    {
        if (batch.Pixels != pixels)
            throw new ArgumentException($"Images of {batch.Pixels} pixels; expected {pixels}.", nameof(batch));
        Reserve(batch);
        Count(batch);

        ref int next = ref MemoryMarshal.GetArrayDataReference(_next);
        ref PairEntry first = ref MemoryMarshal.GetArrayDataReference(_entries);
        ref uint packed = ref MemoryMarshal.GetReference(batch.Entries);
        ref float scaled = ref MemoryMarshal.GetReference(batch.Scaled);
        for (int row = 0; row < batch.Count; row++)
        {
            if (row % ChunkRows == 0)
                _next.CopyTo(_starts, row / ChunkRows * _pairs);
            int example = batch.Examples[row], end = batch.RowStarts[example + 1];
            for (int k = batch.RowStarts[example]; k < end; k++)
            {
                uint value = Unsafe.Add(ref packed, k);
                ref PairEntry entry = ref Unsafe.Add(ref first, Unsafe.Add(ref next, value >> 16)++);
                entry.Row = row;
                entry.Even = Unsafe.Add(ref scaled, value & 0xFF);
                entry.Odd = Unsafe.Add(ref scaled, (value >> 8) & 0xFF);
            }
        }

        _next.CopyTo(_starts, Chunks * _pairs);
    }

    /// <summary>Loads rows of float features, which take the place of pixels.</summary>
    /// <param name="rows">Rows of as many features as an image has pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(FeaturePairs rows)
    {
        Reserve(rows.Rows, rows.Entries.Length);
        Array.Clear(_next);
        foreach (ref readonly FeaturePair pair in rows.Entries)
            _next[pair.Pair]++;
        CountsToPositions();

        ref PairEntry first = ref MemoryMarshal.GetArrayDataReference(_entries);
        ref FeaturePair pairs = ref MemoryMarshal.GetReference(rows.Entries);
        for (int row = 0, k = 0; row < _rows; row++)
        {
            if (row % ChunkRows == 0)
                _next.CopyTo(_starts, row / ChunkRows * _pairs);
            for (int end = rows.Ends[row]; k < end; k++)
            {
                ref FeaturePair pair = ref Unsafe.Add(ref pairs, k);
                ref PairEntry entry = ref Unsafe.Add(ref first, _next[pair.Pair]++);
                entry.Row = row;
                entry.Even = pair.Even;
                entry.Odd = pair.Odd;
            }
        }

        _next.CopyTo(_starts, Chunks * _pairs);
    }

    public override void Forward(SimdWidth width, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride) =>
        PixelForward.Run(width, this, weights, biases, z, stride);

    public override void Gradient(
        SimdWidth width, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride) =>
        PixelGradient.Run(width, this, bounds, deltas, gradient, stride);

    private void Reserve(in PixelBatch batch)
    {
        int entries = 0;
        foreach (int example in batch.Examples)
        {
            batch.Prefetch(example);
            entries += batch.RowStarts[example + 1] - batch.RowStarts[example];
        }

        Reserve(batch.Count, entries);
    }

    private void Reserve(int rows, int entries)
    {
        _rows = rows;
        if (entries > _entries.Length)
            _entries = new PairEntry[entries + entries / 4];
        if ((Chunks + 1) * _pairs > _starts.Length)
            _starts = new int[(Chunks + 1) * _pairs];
        if (_rows * TileFloats > _tile.Length)
            _tile = new AlignedBuffer(_rows * TileFloats);
    }

    /// <summary>
    /// Sets the next position of each pair to its first entry. A batch has no index beyond its pairs, so bounds need no check.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(in PixelBatch batch)
    {
        Array.Clear(_next);
        ref int counts = ref MemoryMarshal.GetArrayDataReference(_next);
        ref uint packed = ref MemoryMarshal.GetReference(batch.Entries);
        for (int row = 0; row < batch.Count; row++)
        {
            int example = batch.Examples[row], end = batch.RowStarts[example + 1];
            for (int k = batch.RowStarts[example]; k < end; k++)
                Unsafe.Add(ref counts, Unsafe.Add(ref packed, k) >> 16)++;
        }

        CountsToPositions();
    }

    private void CountsToPositions()
    {
        int start = 0;
        foreach (ref int count in _next.AsSpan())
            (count, start) = (start, start + count);
    }
}
