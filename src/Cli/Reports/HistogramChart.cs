using Lockstep.Cli.Images;
using Lockstep.Shared.Checkpoints;
using ScottPlot;

namespace Lockstep.Cli.Reports;

/// <summary>The histogram of a parameter.</summary>
internal static class HistogramChart
{
    private const int Width = 300, Height = 180;

    /// <summary>Draws the histogram as a figure of HTML.</summary>
    public static string Draw(NamedTensor parameter)
    {
        Plot plot = PlotFigure.Begin();
        string title = HistogramsPicture.AddBars(plot, parameter, PlotFigure.LineColors[0]);
        HistogramsPicture.NameAxes(plot);
        return PlotFigure.End(title, legend: "", plot, Width, Height);
    }
}
