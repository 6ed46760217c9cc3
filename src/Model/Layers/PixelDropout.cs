using Lockstep.Model.Data;
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
    private int _count;

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

    /// <summary>The images of a batch, with dropout in a training step.</summary>
    /// <param name="images">The set.</param>
    /// <param name="indices">The image of each row.</param>
    /// <param name="rows">The rows of a training step; null for evaluation.</param>
    /// <param name="dropout">The dropout; null for none.</param>
    public static PixelBatch BatchOf(ImageSet images, ReadOnlySpan<int> indices, in BatchRows? rows, PixelDropout? dropout)
    {
        if (rows is not { } step || dropout is null)
            return new PixelBatch(images, indices);
        dropout.Fill(images, indices, step.Step, step.FirstPosition);
        return dropout.Batch;
    }

    /// <summary>The images after the last <see cref="Fill"/>.</summary>
    public PixelBatch Batch => new(_pixels, _rowStarts.AsSpan(0, _count + 1), _entries, _scaled, _rows.AsSpan(0, _count));

    /// <summary>
    /// Loads the images of <paramref name="examples"/>, the first of which has the position <paramref name="firstPosition"/> in the step's
    /// batch.
    /// </summary>
    public void Fill(ImageSet images, ReadOnlySpan<int> examples, long step, int firstPosition)
    {
        ReadOnlySpan<int> rowStarts = images.RowStarts;
        ReadOnlySpan<uint> all = images.Entries;
        int entries = 0;
        foreach (int example in examples)
            entries += rowStarts[example + 1] - rowStarts[example];
        Reserve(examples.Length, entries);

        _count = examples.Length;
        int kept = 0;
        for (int row = 0; row < examples.Length; row++)
        {
            DropoutMask.Fill(_width, _keep, _keep.Length, _threshold, _seed, step, DropoutMask.InputLayer, firstPosition + row);
            kept = Append(all[rowStarts[examples[row]]..rowStarts[examples[row] + 1]], kept);
            _rowStarts[row + 1] = kept;
        }
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
