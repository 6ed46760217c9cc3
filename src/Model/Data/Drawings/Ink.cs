using System.Runtime.InteropServices;

namespace Lockstep.Model.Data.Drawings;

/// <summary>
/// Extracts the ink of a drawing: 0 on the paper, 1 where the drawing differs most from it. Dark on light and light on dark, on grey,
/// coloured or transparent paper, in even or uneven light, give the same ink. The same on every machine: no function of a library whose
/// last bit differs, and sums in the order of the pixels.
/// </summary>
public static class Ink
{
    /// <summary>Minimum difference of paper and ink, where 1 is black to white; below it an image counts as blank.</summary>
    public const float LeastContrast = 0.1f;

    // More than the frame of MNIST can show, and few enough for a search.
    private const int SearchSide = 400;

    // The difference of the middle pixels' strengths that tells for sure which is the paper.
    private const float SureDifference = 0.15f;

    private const int Channels = 4;
    private const int Opaque = 128;

    /// <summary>Finds the ink of a picture.</summary>
    /// <param name="rgba">
    /// [height, width, 4] red, green, blue and alpha; colours not multiplied by alpha. It is overwritten.
    /// </param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    /// <returns>The drawing, of at most 400 pixels a side; null for a blank picture.</returns>
    /// <exception cref="ArgumentException">The array has not the size of the picture.</exception>
    public static Drawing? Find(Span<byte> rgba, int width, int height)
    {
        if (width < 1 || height < 1 || rgba.Length != (long)width * height * Channels)
            throw new ArgumentException($"{rgba.Length} bytes for a picture of {width} x {height} pixels.", nameof(rgba));

        // In the picture's own memory, which is as large.
        Span<float> levels = MemoryMarshal.Cast<byte, float>(rgba);
        float backdrop = Backdrop(rgba, width, height);
        for (int p = 0; p < levels.Length; p++)
        {
            ReadOnlySpan<byte> pixel = rgba.Slice(p * Channels, Channels);
            float alpha = pixel[3] / 255f;
            levels[p] = alpha * Luminance(pixel) + (1 - alpha) * backdrop;
        }

        int longer = Math.Max(width, height);
        int columns = longer <= SearchSide ? width : Math.Max(1, (int)((long)width * SearchSide / longer));
        int rows = longer <= SearchSide ? height : Math.Max(1, (int)((long)height * SearchSide / longer));
        float[] reduced = Resampling.Scale(levels, width, 0, 0, width, height, columns, rows);
        var dark = InkSearch.Of(reduced, columns, rows);
        var light = InkSearch.Of([.. reduced.Select(level => 1 - level)], columns, rows);
        return (IsRather(light, dark) ? light : dark).Found;
    }

    /// <summary>The grey value of every pixel, 0 for black to 255 for white; transparent is black.</summary>
    /// <param name="rgba">[pixels, 4] red, green, blue and alpha; colours not multiplied by alpha.</param>
    public static byte[] Grey(ReadOnlySpan<byte> rgba)
    {
        byte[] grey = new byte[rgba.Length / Channels];
        for (int p = 0; p < grey.Length; p++)
        {
            ReadOnlySpan<byte> pixel = rgba.Slice(p * Channels, Channels);
            grey[p] = (byte)(Luminance(pixel) * pixel[3] + 0.5f);
        }

        return grey;
    }

    // ITU-R BT.601 on the encoded values, as most programs convert to grey.
    private static float Luminance(ReadOnlySpan<byte> pixel) => (0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2]) / 255f;

    /// <summary>
    /// The background behind transparent pixels. If the drawing has no paper, a background with contrast to it; otherwise the colour of the
    /// paper, so that the transparent corners of a sheet are not taken for ink.
    /// </summary>
    private static float Backdrop(ReadOnlySpan<byte> rgba, int width, int height)
    {
        int border = 0, opaque = 0;
        double opaqueSum = 0, sum = 0, weight = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> pixel = rgba.Slice((y * width + x) * Channels, Channels);
                float luminance = Luminance(pixel);
                sum += luminance * pixel[3];
                weight += pixel[3];
                if (!IsBorder(x, y, width, height))
                    continue;
                border++;
                if (pixel[3] < Opaque)
                    continue;
                opaque++;
                opaqueSum += luminance;
            }
        }

        if (opaque * 2 > border)
            return (float)(opaqueSum / opaque);
        return weight > 0 && sum / weight > 0.5 ? 0 : 1;
    }

    /// <summary>
    /// Whether one finding is rather the drawing than the other. Most of a picture is paper; and a drawing has sharp edges all around it,
    /// but what is between its strokes has them only at the strokes.
    /// </summary>
    private static bool IsRather(InkSearch one, InkSearch other)
    {
        if (one.Found is null || other.Found is null)
            return one.Found is not null;
        if (Math.Abs(one.Middle - other.Middle) > SureDifference)
            return one.Middle < other.Middle;
        return one.IsOutside != other.IsOutside ? other.IsOutside : one.Outline > other.Outline;
    }

    private static bool IsBorder(int x, int y, int width, int height) => x == 0 || y == 0 || x == width - 1 || y == height - 1;
}
