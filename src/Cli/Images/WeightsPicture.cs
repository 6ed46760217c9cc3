using System.Globalization;
using Lockstep.Shared.Checkpoints;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>
/// Weights of the first layer, each unit's as a little picture in the form of its input: blue below zero, white at zero, red above. All
/// have one scale, which ends at the weight that 99 in 100 do not exceed; it is drawn below them.
/// </summary>
internal static class WeightsPicture
{
    /// <summary>Most units that are drawn: the first ones.</summary>
    public const int MaxUnits = 1024;

    // In pixels of the picture.
    private const int Scale = 2, Gap = 4, LegendHeight = 34, LegendWidth = 160, BarHeight = 10, LabelSize = 12;
    private const double Quantile = 0.99;

    /// <summary>Side of the square images that a layer with so many inputs looks at, or null when they are not square.</summary>
    public static int? SideOf(int inputs) => Math.Sqrt(inputs) is var side && side == Math.Floor(side) ? (int)side : null;

    /// <summary>Draws them as a PNG.</summary>
    /// <param name="weights">[inputs, units]; the inputs are pixels of a square image.</param>
    public static byte[] Draw(NamedTensor weights)
    {
        (int inputs, int stride) = (weights.Shape[0], weights.Shape[1]);
        int side = SideOf(inputs) ?? throw new ArgumentException($"{inputs} inputs are no square image.", nameof(weights));
        int units = Math.Min(MaxUnits, stride), columns = (int)Math.Ceiling(Math.Sqrt(units * 1.6)), rows = (units + columns - 1) / columns;
        int cell = side * Scale + Gap;
        double scale = ScaleOf(weights.Values);
        using var picture = new Picture(Math.Max(columns * cell, LegendWidth + 140) + Gap, rows * cell + Gap + LegendHeight, Palette.Faint);
        for (int unit = 0; unit < units; unit++)
        {
            int left = Gap + unit % columns * cell, top = Gap + unit / columns * cell;
            for (int p = 0; p < inputs; p++)
            {
                SKColor color = Palette.Diverging(weights.Values[p * stride + unit] / scale);
                picture.Fill(left + p % side * Scale, top + p / side * Scale, Scale, Scale, color);
            }
        }

        DrawLegend(picture, rows * cell + Gap, scale);
        return picture.ToPng();
    }

    private static void DrawLegend(Picture picture, int top, double scale)
    {
        float y = top + LegendHeight / 2f;
        string end = scale.ToString("G3", CultureInfo.InvariantCulture);
        float left = 2 * Gap + picture.Write($"−{end}", 2 * Gap, y, LabelSize, Palette.Ink) + 6;
        for (int x = 0; x < LegendWidth; x++)
            picture.Fill((int)left + x, (int)y - BarHeight / 2, 1, BarHeight, Palette.Diverging(2.0 * x / (LegendWidth - 1) - 1));
        _ = picture.Write(end, left + LegendWidth + 6, y, LabelSize, Palette.Ink);
    }

    private static double ScaleOf(float[] values)
    {
        float[] sizes = [.. values.Where(float.IsFinite).Select(Math.Abs)];
        Array.Sort(sizes);
        float size = sizes.Length == 0 ? 0 : sizes[(int)((sizes.Length - 1) * Quantile)];
        return size > 0 ? size : 1;
    }
}
