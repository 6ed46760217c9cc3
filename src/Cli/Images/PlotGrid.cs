using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>Several plots in one picture.</summary>
internal static class PlotGrid
{
    private const int Columns = 2, Width = 480, Height = 260;

    /// <summary>Draws plots as a PNG, two in a row, and disposes of them.</summary>
    /// <param name="plots">At least one plot.</param>
    public static byte[] Draw(IReadOnlyList<Plot> plots)
    {
        int columns = Math.Min(Columns, plots.Count), rows = (plots.Count + columns - 1) / columns;
        var all = new Multiplot(plots[0]) { Layout = new Grid(rows, columns) };
        foreach (Plot plot in plots.Skip(1))
            all.Subplots.Add(plot);

        using var bitmap = new SKBitmap(new SKImageInfo(columns * Width, rows * Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            all.Render(canvas, new PixelRect(0, bitmap.Width, bitmap.Height, 0));
            canvas.Flush();
        }

        foreach (Plot plot in plots)
            plot.Dispose();
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }
}
