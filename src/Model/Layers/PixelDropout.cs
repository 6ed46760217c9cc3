using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Random;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// Input dropout: a copy of a batch's images that holds only the kept pixels, with <c>x = (intensity / 255) · (1 / keep probability)</c>,
/// both factors and the product rounded to single precision. A dropped pixel is treated like a zero one: it is not a term of any sum and
/// costs nothing. Memory grows to the largest batch seen; after that nothing is allocated.
/// </summary>
internal sealed class PixelDropout
{
    private readonly int _pixels;
    private readonly uint _threshold;
    private readonly ulong _seed;
    private readonly SimdWidth _width;
    private readonly float[] _scaled;
    private readonly uint[] _keep;
    private int[] _rowStarts = [0];
    private int[] _rows = [];
    private uint[] _entries = [];

    /// <summary>The input dropout of a run.</summary>
    /// <param name="pixels">Pixels of an image.</param>
    /// <param name="keepProb">Probability that a pixel is kept.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="width">Form of the kernels.</param>
    public PixelDropout(int pixels, double keepProb, ulong seed, SimdWidth width)
    {
        float scale = DropoutMask.Scale(keepProb);
        _pixels = pixels;
        _threshold = DropoutMask.Threshold(keepProb);
        _seed = seed;
        _width = width;
        _scaled = [.. PixelForward.Scaled.Select(x => x * scale)];
        _keep = new uint[RowPadding.Pad(_pixels)];
    }

    /// <summary>A copy of the images of a batch with the pixels that a training step keeps; valid until the next call.</summary>
    /// <param name="batch">The images, without dropout.</param>
    /// <param name="step">The step.</param>
    /// <param name="firstPosition">Position in the step's batch of the first image.</param>
    public PixelBatch Thin(scoped in PixelBatch batch, long step, int firstPosition)
    {
        ReadOnlySpan<int> rowStarts = batch.RowStarts, examples = batch.Examples;
        ReadOnlySpan<uint> all = batch.Entries;
        int entries = 0;
        foreach (int example in examples)
            entries += rowStarts[example + 1] - rowStarts[example];
        Reserve(examples.Length, entries);

        int kept = 0;
        for (int row = 0; row < examples.Length; row++)
        {
            DropoutMask.Fill(_width, _keep, _keep.Length, _threshold, _seed, step, DropoutMask.InputLayer, firstPosition + row);
            kept = Append(all[rowStarts[examples[row]]..rowStarts[examples[row] + 1]], kept);
            _rowStarts[row + 1] = kept;
        }

        return new PixelBatch(
            _pixels, _rowStarts.AsSpan(0, examples.Length + 1), _entries, _scaled, _rows.AsSpan(0, examples.Length));
    }

    private int Append(ReadOnlySpan<uint> entries, int kept)
    {
        // Writes every entry, but advances only past kept ones: the outcome is random, so a branch would be mispredicted.
        foreach (uint entry in entries)
        {
            int pixel = 2 * (int)(entry >> 16);
            uint thinned = entry & (0xFFFF0000 | (_keep[pixel] & 0xFF) | (_keep[pixel + 1] & 0xFF00));
            _entries[kept] = thinned;
            kept += (thinned & 0xFFFF) == 0 ? 0 : 1;
        }

        return kept;
    }

    private void Reserve(int rows, int entries)
    {
        if (rows > _rows.Length)
        {
            _rowStarts = new int[rows + 1];
            _rows = [.. Enumerable.Range(0, rows)];
        }

        if (entries > _entries.Length)
            _entries = new uint[entries + entries / 4];
    }
}
