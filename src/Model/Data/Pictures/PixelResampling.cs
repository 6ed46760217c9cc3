namespace Lockstep.Model.Data.Pictures;

/// <summary>
/// Scales pictures of bytes in integer arithmetic, so that all processors give the same bytes: an axis that shrinks by area average, one
/// that grows by linear interpolation.
/// </summary>
/// <remarks>
/// A line of n values becomes one of m. In units of 1/m of a source value, result i covers i·n to (i + 1)·n; its weight of source value k
/// is the overlap with k·m to (k + 1)·m, divided by n. Where m is larger than n, result i is at ((2i + 1)·n - m) / 2m between the source
/// values, clamped to the first and last of them, and weighs the two beside it by nearness. Weights are multiples of 2^-22 and sum to 1
/// exactly: the sums of the first 1, 2, 3, ... of them are rounded down. With weights w and v of 2^22 across and down:
/// <code>
/// narrow[y, x] = (sum of w[x, k] · pixels[y, k] + 2^13) / 2^14, rounded down: in 256ths
/// result[y, x] = (sum of v[y, k] · narrow[k, x] + 2^29) / 2^30, rounded down
/// </code>
/// So a constant picture stays constant, and an axis that keeps its length keeps its values.
/// </remarks>
public static class PixelResampling
{
    private const int WeightBits = 22, KeptBits = 8;
    private const int AcrossShift = WeightBits - KeptBits, DownShift = WeightBits + KeptBits;

    /// <summary>Scales a picture.</summary>
    /// <param name="pixels">[height, width, channels], row-major.</param>
    /// <param name="height">Rows of the picture, at least 1.</param>
    /// <param name="width">Pixels of a row, at least 1.</param>
    /// <param name="channels">Values of a pixel, at least 1; each is scaled by itself.</param>
    /// <param name="scaled">[rows, columns, channels] receives the result.</param>
    /// <param name="rows">Rows of the result, at least 1.</param>
    /// <param name="columns">Pixels of a row of the result, at least 1.</param>
    /// <exception cref="ArgumentException">A number is below 1, or the spans do not have these sizes.</exception>
    public static void Scale(
        ReadOnlySpan<byte> pixels, int height, int width, int channels, Span<byte> scaled, int rows, int columns)
    {
        if (height < 1 || width < 1 || channels < 1 || rows < 1 || columns < 1
            || pixels.Length != (Int128)height * width * channels || scaled.Length != (Int128)rows * columns * channels)
        {
            throw new ArgumentException(
                $"{pixels.Length} and {scaled.Length} bytes for pictures of {height} x {width} x {channels} and "
                    + $"{rows} x {columns} x {channels}.");
        }

        if (height == rows && width == columns)
        {
            pixels.CopyTo(scaled);
            return;
        }

        Taps[] across = Weigh(width, columns), down = Weigh(height, rows);
        int line = columns * channels;
        ushort[] narrow = new ushort[height * line];
        for (int y = 0; y < height; y++)
            Narrow(pixels.Slice(y * width * channels, width * channels), channels, across, narrow.AsSpan(y * line, line));

        long[] sums = new long[line];
        for (int y = 0; y < rows; y++)
        {
            Array.Fill(sums, 1L << DownShift - 1);
            for (int k = 0; k < down[y].Weights.Length; k++)
            {
                long weight = down[y].Weights[k];
                ReadOnlySpan<ushort> row = narrow.AsSpan((down[y].First + k) * line, line);
                for (int x = 0; x < row.Length; x++)
                    sums[x] += weight * row[x];
            }

            for (int x = 0; x < line; x++)
                scaled[y * line + x] = (byte)(sums[x] >> DownShift);
        }
    }

    private static void Narrow(ReadOnlySpan<byte> row, int channels, Taps[] across, Span<ushort> narrow)
    {
        for (int x = 0; x < across.Length; x++)
        {
            (int first, int[] weights) = across[x];
            for (int channel = 0; channel < channels; channel++)
            {
                // At most 255 · 2^22.
                int sum = 1 << AcrossShift - 1;
                for (int k = 0, at = first * channels + channel; k < weights.Length; k++, at += channels)
                    sum += weights[k] * row[at];
                narrow[x * channels + channel] = (ushort)(sum >> AcrossShift);
            }
        }
    }

    private static Taps[] Weigh(int from, int to)
    {
        var taps = new Taps[to];
        for (int i = 0; i < to; i++)
            taps[i] = from >= to ? Area(i, from, to) : Line(i, from, to);
        return taps;
    }

    private static Taps Area(int i, int from, int to)
    {
        long start = (long)i * from, end = start + from;
        int first = (int)(start / to), last = (int)((end - 1) / to);
        int[] weights = new int[last - first + 1];
        long before = 0;
        for (int k = first; k <= last; k++)
        {
            long sum = (Math.Min(end, (k + 1L) * to) - start << WeightBits) / from;
            weights[k - first] = (int)(sum - before);
            before = sum;
        }

        return new Taps(first, weights);
    }

    private static Taps Line(int i, int from, int to)
    {
        long unit = 2L * to, at = Math.Clamp((2L * i + 1) * from - to, 0, (from - 1) * unit);
        int first = (int)(at / unit), near = (int)((unit - at % unit << WeightBits) / unit);
        return near == 1 << WeightBits ? new Taps(first, [near]) : new Taps(first, [near, (1 << WeightBits) - near]);
    }

    /// <summary>The source values of a result value: their weights from the first on, which sum to 2^22.</summary>
    private readonly record struct Taps(int First, int[] Weights);
}
