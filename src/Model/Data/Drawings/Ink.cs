namespace Lockstep.Model.Data.Drawings;

/// <summary>
/// Extracts the ink of a drawing: 0 on the paper, 1 where the drawing differs most from it. Dark on light and light on dark, on grey,
/// coloured or transparent paper, give the same ink.
/// </summary>
public static class Ink
{
    /// <summary>Minimum difference of paper and ink, where 1 is black to white; below it an image counts as blank.</summary>
    public const float LeastContrast = 0.1f;

    // Grain of the paper, as a share of the full ink; it is not ink.
    private const float Grain = 0.1f;
    private const int Channels = 4;
    private const int Levels = 256;

    /// <summary>Finds the ink of a picture.</summary>
    /// <param name="rgba">[height, width, 4] red, green, blue and alpha; colours not multiplied by alpha.</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="ink">[height, width] receives the ink, 0 to 1. May alias <paramref name="rgba"/>, which is then overwritten.</param>
    /// <returns>Whether there is ink; false for a blank picture.</returns>
    /// <exception cref="ArgumentException">The arrays do not have the size of the picture.</exception>
    public static bool TryFind(ReadOnlySpan<byte> rgba, int width, int height, Span<float> ink)
    {
        if (width < 1 || height < 1 || ink.Length != (long)width * height || rgba.Length != (long)ink.Length * Channels)
            throw new ArgumentException($"{rgba.Length} bytes and {ink.Length} values of ink for a picture of {width} x {height} pixels.");
        float backdrop = Backdrop(rgba, width, height);
        float darkest = 1, lightest = 0;
        for (int p = 0; p < ink.Length; p++)
        {
            ReadOnlySpan<byte> pixel = rgba.Slice(p * Channels, Channels);
            float alpha = pixel[3] / 255f;
            ink[p] = alpha * Luminance(pixel) + (1 - alpha) * backdrop;
            darkest = Math.Min(darkest, ink[p]);
            lightest = Math.Max(lightest, ink[p]);
        }

        float paper = Paper(ink, width, height);
        (float dark, float light) = (paper - darkest, lightest - paper);
        float contrast = Math.Max(dark, light), sign = dark >= light ? -1 : 1;
        if (contrast < LeastContrast)
        {
            ink.Clear();
            return false;
        }

        foreach (ref float value in ink)
        {
            float strength = (value - paper) * sign / contrast;
            value = strength < Grain ? 0 : Math.Min(1, strength);
        }

        return true;
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
                if (pixel[3] < Levels / 2)
                    continue;
                opaque++;
                opaqueSum += luminance;
            }
        }

        if (opaque * 2 > border)
            return (float)(opaqueSum / opaque);
        return weight > 0 && sum / weight > 0.5 ? 0 : 1;
    }

    /// <summary>The paper's luminance: the median of the border.</summary>
    private static float Paper(ReadOnlySpan<float> luminance, int width, int height)
    {
        Span<int> histogram = stackalloc int[Levels];
        int border = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (!IsBorder(x, y, width, height))
                    continue;
                histogram[(int)(luminance[y * width + x] * (Levels - 1) + 0.5f)]++;
                border++;
            }
        }

        int level = 0;
        for (int below = histogram[0]; below * 2 < border; below += histogram[level])
            level++;
        return level / (Levels - 1f);
    }

    private static bool IsBorder(int x, int y, int width, int height) => x == 0 || y == 0 || x == width - 1 || y == height - 1;
}
