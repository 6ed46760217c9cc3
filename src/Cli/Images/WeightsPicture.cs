using System.Globalization;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>
/// Weights of the first layer, each unit's or filter's as a little picture in the form of its input: blue below zero, white at zero, red
/// above. Those on RGB pictures are in colour: grey at zero, and of each of red, green and blue more above zero and less below. All have
/// one scale, which ends at the weight that 99 in 100 do not exceed; it is drawn below them. Filters on other channels have these side by
/// side.
/// </summary>
internal static class WeightsPicture
{
    /// <summary>Most units that are drawn: the first ones.</summary>
    public const int MaxUnits = 1024;

    // In pixels of the picture.
    private const int Gap = 4, LegendHeight = 34, LegendWidth = 160, BarHeight = 10, LabelSize = 12;
    private const int Rgb = 3;
    private const double Quantile = 0.99;

    /// <summary>The form of each unit's input; null for weights that look at no picture.</summary>
    /// <param name="weights">The weights of the first layer.</param>
    /// <param name="data">What the model was trained on: files of the user's know the form of their pictures, others are square and grey.
    /// </param>
    public static MapForm? FormOf(NamedTensor weights, DataSpec data) => (weights.Shape, data.Preparation?.Inputs) switch
    {
        ([var channels, var rows, var columns, _], _) => new MapForm(rows, columns, channels),
        ([_, _], ImageSpec image) => new MapForm(image.Height, image.Width, image.Channels),
        ([var inputs, _], null) when Math.Sqrt(inputs) is var side && side == Math.Floor(side) => new MapForm((int)side, (int)side, 1),
        _ => null,
    };

    /// <summary>How the pictures are to be read, as a sentence's end.</summary>
    public static string Key(MapForm form) =>
        form.Channels == Rgb ? "grey at zero; of each colour more above zero, less below" : "blue below zero, red above";

    /// <summary>Draws them as a PNG.</summary>
    /// <param name="weights">[rows · columns · channels, units] of pixels, or [channels, rows, columns, filters].</param>
    /// <param name="form">The form of each unit's input.</param>
    /// <param name="mostUnits">How many units to draw at most: the first ones.</param>
    public static byte[] Draw(NamedTensor weights, MapForm form, int mostUnits = MaxUnits)
    {
        bool isColour = form.Channels == Rgb;
        int height = form.Rows, width = isColour ? form.Columns : form.Columns * form.Channels, stride = weights.Shape[^1];
        int zoom = height < 14 ? 8 : 2, cellWidth = width * zoom + Gap, cellHeight = height * zoom + Gap;
        int units = Math.Min(mostUnits, stride), columns = (int)Math.Ceiling(Math.Sqrt(units * 1.6 * cellHeight / cellWidth)),
            rows = (units + columns - 1) / columns;
        double scale = ScaleOf(weights.Values);
        using var picture = new Picture(
            Math.Max(columns * cellWidth, LegendWidth + 140) + Gap, rows * cellHeight + Gap + LegendHeight, Palette.Faint);
        for (int unit = 0; unit < units; unit++)
        {
            int left = Gap + unit % columns * cellWidth, top = Gap + unit / columns * cellHeight;
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    picture.Fill(left + x * zoom, top + y * zoom, zoom, zoom, isColour
                        ? new SKColor(Level(Weight(unit, y, x, 0)), Level(Weight(unit, y, x, 1)), Level(Weight(unit, y, x, 2)))
                        : Palette.Diverging(Weight(unit, y, x % form.Columns, x / form.Columns)));
            }
        }

        DrawLegend(picture, rows * cellHeight + Gap, scale, isColour);
        return picture.ToPng();

        double Weight(int unit, int y, int x, int channel) => weights.Values[stride * (weights.Shape.Count == 2
            ? (y * form.Columns + x) * form.Channels + channel
            : (channel * form.Rows + y) * form.Columns + x) + unit] / scale;
    }

    private static byte Level(double share) =>
        (byte)Math.Round(byte.MaxValue * (Math.Clamp(double.IsFinite(share) ? share : 0, -1, 1) + 1) / 2);

    private static void DrawLegend(Picture picture, int top, double scale, bool isColour)
    {
        float y = top + LegendHeight / 2f;
        string end = scale.ToString("G3", CultureInfo.InvariantCulture);
        float left = 2 * Gap + picture.Write($"−{end}", 2 * Gap, y, LabelSize, Palette.Ink) + 6;
        for (int x = 0; x < LegendWidth; x++)
        {
            double share = 2.0 * x / (LegendWidth - 1) - 1;
            SKColor color = isColour ? new SKColor(Level(share), Level(share), Level(share)) : Palette.Diverging(share);
            picture.Fill((int)left + x, (int)y - BarHeight / 2, 1, BarHeight, color);
        }

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
