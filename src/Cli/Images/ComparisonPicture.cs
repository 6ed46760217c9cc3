using Lockstep.Runs;
using ScottPlot;

namespace Lockstep.Cli.Images;

/// <summary>Validation accuracy, or R², of several runs over their epochs, in one plot.</summary>
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
                run.Metrics.Select(row => row.Epoch).ToArray(),
                run.Metrics.Select(row => row.ValidationR2 ?? 100 * row.ValidationAccuracy).ToArray());
            line.LegendText = run.Folder;
            line.LineWidth = 2;
        }

        plot.XLabel("epoch");
        bool[] areTargets = [.. runs.Select(run => run.ValidationR2 is not null).Distinct()];
        plot.YLabel(areTargets switch
        {
            [true] => "validation R²",
            [false] => "validation accuracy, %",
            _ => "validation accuracy, %, or R²",
        });
        _ = plot.ShowLegend(Alignment.LowerRight);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }
}
