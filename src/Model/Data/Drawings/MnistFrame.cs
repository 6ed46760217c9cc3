namespace Lockstep.Model.Data.Drawings;

/// <summary>
/// Converts ink to the form of MNIST's images: cropped to the ink, scaled so that the longer side is 20 pixels, and placed in 28 x 28
/// pixels with the centre of mass in the middle (LeCun, Cortes and Burges, <i>The MNIST database of handwritten digits</i>).
/// </summary>
public static class MnistFrame
{
    /// <summary>Pixels of a side of the image.</summary>
    public const int Size = 28;

    /// <summary>Pixels of the longer side of the ink.</summary>
    public const int InkSize = 20;

    /// <summary>Converts a drawing.</summary>
    /// <param name="ink">[height, width], from 0 for none to 1.</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    /// <returns>[28, 28] intensities, the strongest 255.</returns>
    /// <exception cref="ArgumentException">There is no ink, or the number of values is not the number of pixels.</exception>
    public static byte[] Fit(ReadOnlySpan<float> ink, int width, int height)
    {
        if (ink.Length != (long)width * height)
            throw new ArgumentException($"{ink.Length} values of ink for {width} x {height} pixels.", nameof(ink));
        (int left, int top, int right, int bottom) = Bounds(ink, width, height);
        if (right < left)
            throw new ArgumentException("There is no ink.", nameof(ink));

        int inkWidth = right - left + 1, inkHeight = bottom - top + 1, longer = Math.Max(inkWidth, inkHeight);
        int columns = Side(inkWidth, longer), rows = Side(inkHeight, longer);
        float[] scaled = Resampling.Scale(ink, width, left, top, inkWidth, inkHeight, columns, rows);
        float strongest = scaled.Max();
        (int x0, int y0) = Place(scaled, columns, rows);
        byte[] pixels = new byte[Size * Size];
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
                pixels[(y0 + y) * Size + x0 + x] = (byte)(scaled[y * columns + x] / strongest * byte.MaxValue + 0.5f);
        }

        return pixels;
    }

    private static int Side(int length, int longer) => Math.Max(1, (int)Math.Round((double)length * InkSize / longer));

    /// <summary>First and last column and row with ink; last is before first if there is none.</summary>
    private static (int Left, int Top, int Right, int Bottom) Bounds(ReadOnlySpan<float> ink, int width, int height)
    {
        (int left, int top, int right, int bottom) = (width, height, -1, -1);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> row = ink.Slice(y * width, width);
            int first = row.IndexOfAnyExcept(0f);
            if (first < 0)
                continue;
            left = Math.Min(left, first);
            right = Math.Max(right, row.LastIndexOfAnyExcept(0f));
            top = Math.Min(top, y);
            bottom = y;
        }

        return (left, top, right, bottom);
    }

    /// <summary>Position of the scaled ink's first column and row that centres its mass without clipping.</summary>
    private static (int X, int Y) Place(ReadOnlySpan<float> scaled, int columns, int rows)
    {
        double mass = 0, massX = 0, massY = 0;
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                float value = scaled[y * columns + x];
                mass += value;
                massX += value * (x + 0.5);
                massY += value * (y + 0.5);
            }
        }

        return (Start(massX / mass, columns), Start(massY / mass, rows));
    }

    private static int Start(double centre, int length) => Math.Clamp((int)Math.Round(Size / 2.0 - centre), 0, Size - length);
}
