using Lockstep.Cli.Images;
using Lockstep.Shared.Checkpoints;
using ScottPlot;

namespace Lockstep.Cli.Reports;

/// <summary>The histogram of a parameter.</summary>
internal static class HistogramChart
{
    private const int Width = 260, Height = 130;

    /// <summary>Draws the histogram as a figure of HTML.</summary>
    public static string Draw(NamedTensor parameter)
    {
        Plot plot = PlotFigure.Begin();
        HistogramsPicture.AddBars(plot, parameter, PlotFigure.Colors[0]);
        plot.Axes.Left.IsVisible = false;
        plot.HideGrid();
        return PlotFigure.End(HistogramsPicture.TitleOf(parameter), legend: "", plot, Width, Height);
    }
}
