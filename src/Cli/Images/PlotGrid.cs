using ScottPlot;
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
        using var bitmap = new SKBitmap(new SKImageInfo(columns * Width, rows * Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            for (int i = 0; i < plots.Count; i++)
            {
                int left = i % columns * Width, top = i / columns * Height;
                // A plot clears all of the canvas that is not clipped, its neighbours too.
                using var own = new SKAutoCanvasRestore(canvas);
                canvas.ClipRect(new SKRect(left, top, left + Width, top + Height));
                plots[i].Render(canvas, new PixelRect(left, left + Width, top + Height, top));
            }

            canvas.Flush();
        }

        foreach (Plot plot in plots)
            plot.Dispose();
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }
}
