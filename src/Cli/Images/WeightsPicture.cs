using System.Globalization;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Images;

/// <summary>
/// Weights of the first layer, each unit's or filter's as a little picture in the form of its input, the channels of a filter side by side:
/// blue below zero, white at zero, red above. All have one scale, which ends at the weight that 99 in 100 do not exceed; it is drawn below
/// them.
/// </summary>
internal static class WeightsPicture
{
    /// <summary>Most units that are drawn: the first ones.</summary>
    public const int MaxUnits = 1024;

    // In pixels of the picture.
    private const int Gap = 4, LegendHeight = 34, LegendWidth = 160, BarHeight = 10, LabelSize = 12;
    private const double Quantile = 0.99;

    /// <summary>Rows and columns of each unit's picture; null for weights that look at no square image.</summary>
    public static (int Rows, int Columns)? FormOf(NamedTensor weights) => weights.Shape switch
    {
        [var inputs, _] when Math.Sqrt(inputs) is var side && side == Math.Floor(side) => ((int)side, (int)side),
        [var channels, var rows, var columns, _] => (rows, columns * channels),
        _ => null,
    };

    /// <summary>Draws them as a PNG.</summary>
    /// <param name="weights">[pixels of a square image, units], or [channels, rows, columns, filters].</param>
    public static byte[] Draw(NamedTensor weights)
    {
        (int height, int width) = FormOf(weights)
            ?? throw new ArgumentException($"{string.Join(", ", weights.Shape)}: no square image.", nameof(weights));
        int inputs = height * width, side = inputs / height / (weights.Shape.Count == 2 ? 1 : weights.Shape[0]), stride = weights.Shape[^1];
        int zoom = height < 14 ? 8 : 2, cellWidth = width * zoom + Gap, cellHeight = height * zoom + Gap;
        int units = Math.Min(MaxUnits, stride), columns = (int)Math.Ceiling(Math.Sqrt(units * 1.6 * cellHeight / cellWidth)),
            rows = (units + columns - 1) / columns;
        double scale = ScaleOf(weights.Values);
        using var picture = new Picture(
            Math.Max(columns * cellWidth, LegendWidth + 140) + Gap, rows * cellHeight + Gap + LegendHeight, Palette.Faint);
        for (int unit = 0; unit < units; unit++)
        {
            int left = Gap + unit % columns * cellWidth, top = Gap + unit / columns * cellHeight;
            for (int p = 0; p < inputs; p++)
            {
                int x = p / (height * side) * side + p % side, y = p / side % height;
                picture.Fill(left + x * zoom, top + y * zoom, zoom, zoom, Palette.Diverging(weights.Values[p * stride + unit] / scale));
            }
        }

        DrawLegend(picture, rows * cellHeight + Gap, scale);
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
