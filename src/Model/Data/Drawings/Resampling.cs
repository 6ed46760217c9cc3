namespace Lockstep.Model.Data.Drawings;

/// <summary>Scales grey pictures: down by area average, up by linear interpolation.</summary>
internal static class Resampling
{
    /// <summary>Scales a rectangle of a picture to [rows, columns].</summary>
    /// <param name="picture">Rows of <paramref name="stride"/> values.</param>
    /// <param name="stride">Distance of two rows.</param>
    /// <param name="left">First column of the rectangle.</param>
    /// <param name="top">First row of the rectangle.</param>
    /// <param name="width">Columns of the rectangle.</param>
    /// <param name="height">Rows of the rectangle.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="rows">Rows of the result.</param>
    public static float[] Scale(ReadOnlySpan<float> picture, int stride, int left, int top, int width, int height, int columns, int rows)
    {
        Taps[] across = Weigh(width, columns), down = Weigh(height, rows);

        // Horizontally first, into [height, columns], then vertically.
        float[] narrow = new float[height * columns];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> row = picture.Slice((top + y) * stride + left, width);
            for (int x = 0; x < columns; x++)
            {
                float sum = 0;
                for (int k = 0; k < across[x].Weights.Length; k++)
                    sum += across[x].Weights[k] * row[across[x].First + k];
                narrow[y * columns + x] = sum;
            }
        }

        float[] scaled = new float[rows * columns];
        for (int y = 0; y < rows; y++)
        {
            for (int k = 0; k < down[y].Weights.Length; k++)
            {
                float weight = down[y].Weights[k];
                for (int x = 0; x < columns; x++)
                    scaled[y * columns + x] += weight * narrow[(down[y].First + k) * columns + x];
            }
        }

        return scaled;
    }

    /// <summary>The source values of every result value and their weights, which sum to 1.</summary>
    private static Taps[] Weigh(int from, int to)
    {
        var taps = new Taps[to];
        double scale = (double)from / to;
        for (int i = 0; i < to; i++)
            taps[i] = scale >= 1 ? Area(i * scale, (i + 1) * scale, from) : Line((i + 0.5) * scale - 0.5, from);
        return taps;
    }

    private static Taps Area(double start, double end, int length)
    {
        int first = (int)start, last = Math.Min(length, (int)Math.Ceiling(end - 1e-9)) - 1;
        float[] weights = new float[last - first + 1];
        for (int k = 0; k < weights.Length; k++)
            weights[k] = (float)((Math.Min(end, first + k + 1) - Math.Max(start, first + k)) / (end - start));
        return new Taps(first, weights);
    }

    private static Taps Line(double centre, int length)
    {
        double clamped = Math.Clamp(centre, 0, length - 1);
        int first = Math.Min((int)clamped, Math.Max(0, length - 2));
        float share = (float)(clamped - first);
        return length == 1 ? new Taps(0, [1f]) : new Taps(first, [1 - share, share]);
    }

    private readonly record struct Taps(int First, float[] Weights);
}
