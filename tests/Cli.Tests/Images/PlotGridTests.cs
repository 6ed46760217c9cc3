using Lockstep.Cli.Images;
using ScottPlot;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Images;

public sealed class PlotGridTests
{
    [Fact]
    public void Draw_ThreePlots_ShowsEachInItsPlace()
    {
        PlotFont.Use();
        string[] colours = ["#ff0000", "#00ff00", "#0000ff"];

        using var picture = SKBitmap.Decode(PlotGrid.Draw([.. colours.Select(PlotOf)]));

        Assert.All(colours.Index(), colour => Assert.Equal(
            SKColor.Parse(colour.Item),
            picture.GetPixel(
                picture.Width / 4 + colour.Index % 2 * picture.Width / 2, picture.Height / 4 + colour.Index / 2 * picture.Height / 2)));
        Assert.Equal(SKColors.White, picture.GetPixel(picture.Width * 3 / 4, picture.Height * 3 / 4));
    }

    private static Plot PlotOf(string colour)
    {
        var plot = new Plot();
        plot.Axes.Margins(0, 0);
        _ = plot.Add.Bars(new[] { new Bar { Position = 0, Value = 1, Size = 1, FillColor = Color.FromHex(colour), LineWidth = 0 } });
        return plot;
    }
}
