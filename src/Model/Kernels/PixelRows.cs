using Lockstep.Model.Memory;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch in row order, for <see cref="PixelRowForward"/> and <see cref="PixelRowGradient"/>: copied from the set, so that
/// both read memory sequentially.
/// </summary>
internal sealed class PixelRows : InputBatch
{
    // Rows prefetched ahead of the copy.
    private const int Ahead = 8;

    private readonly AlignedBuffer?[] _sums = new AlignedBuffer?[PixelRowGradient.Levels];
    private readonly float[] _scaled = new float[256];
    private int[] _starts = [0];
    private uint[] _entries = [];
    private int _rows;

    /// <summary>Rows of images with <paramref name="pixels"/> pixels.</summary>
    /// <exception cref="ArgumentException">The number of pixels is odd: the last pair would have no second row of weights.</exception>
    public PixelRows(int pixels)
    {
        if (pixels % 2 != 0)
            throw new ArgumentException($"{pixels} pixels; expected an even number.", nameof(pixels));
        Pixels = pixels;
    }

    /// <summary>Pixels of one image.</summary>
    public int Pixels { get; }

    public override int Rows => _rows;

    /// <summary>The first entry of each row, and the end of the last.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, _rows + 1);

    /// <summary>All entries, see <see cref="Data.ImageSet.Entries"/>.</summary>
    public ReadOnlySpan<uint> Entries => _entries;

    /// <summary>x of each of the 256 intensities.</summary>
    public ReadOnlySpan<float> Scaled => _scaled;

    /// <summary>Memory for the sums over a subtree of shards, as long as the gradient.</summary>
    public Span<float> Sums(int level, int length)
    {
        ref AlignedBuffer? sums = ref _sums[level];
        if (sums is null || sums.Length < length)
            sums = new AlignedBuffer(length);
        return sums.Span[..length];
    }

    public override void Load(in PixelBatch batch)
    {
        if (batch.Pixels != Pixels)
            throw new ArgumentException($"Images of {batch.Pixels} pixels; expected {Pixels}.", nameof(batch));
        if (batch.Count >= _starts.Length)
            _starts = new int[batch.Count + 1];
        _rows = batch.Count;
        batch.Scaled.CopyTo(_scaled);
        int entries = 0;
        for (int row = 0; row < _rows; row++)
        {
            int example = batch.Examples[row];
            entries += batch.RowStarts[example + 1] - batch.RowStarts[example];
            _starts[row + 1] = entries;
        }

        if (entries > _entries.Length)
            _entries = new uint[entries + entries / 4];
        for (int row = 0; row < _rows; row++)
        {
            if (row + Ahead < _rows)
                batch.Prefetch(batch.Examples[row + Ahead]);
            int start = batch.RowStarts[batch.Examples[row]];
            batch.Entries.Slice(start, _starts[row + 1] - _starts[row]).CopyTo(_entries.AsSpan(_starts[row]));
        }
    }

    public override void Forward(SimdWidth width, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride) =>
        PixelRowForward.Run(width, this, weights, biases, z, stride);

    public override void Gradient(
        SimdWidth width, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride) =>
        PixelRowGradient.Run(width, this, bounds, deltas, gradient, stride);
}
