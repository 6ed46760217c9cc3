using Lockstep.Runs;
using ScottPlot;

namespace Lockstep.Cli.Images;

/// <summary>Validation accuracy of several runs over their epochs, in one plot.</summary>
internal static class ComparisonPicture
{
    private const int Width = 900, Height = 480;

    /// <summary>Draws it as a PNG.</summary>
    public static byte[] Draw(IReadOnlyList<RunRecord> runs)
    {
        PlotFont.Use();
        using var plot = new Plot();
        foreach (RunRecord run in runs)
        {
            var line = plot.Add.Scatter(
                run.Metrics.Select(row => row.Epoch).ToArray(), run.Metrics.Select(row => 100 * row.ValidationAccuracy).ToArray());
            line.LegendText = run.Folder;
            line.LineWidth = 2;
        }

        plot.XLabel("epoch");
        plot.YLabel("validation accuracy, %");
        _ = plot.ShowLegend(Alignment.LowerRight);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }
}
