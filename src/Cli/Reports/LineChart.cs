using ScottPlot;
using ScottPlot.TickGenerators;

namespace Lockstep.Cli.Reports;

/// <summary>Lines over a common axis.</summary>
internal static class LineChart
{
    private const int Width = 560, Height = 250;

    // More points than this are thinned out; more than the second have no marks.
    private const int MostPoints = 1200, MostMarks = 80;

    // Over less than this, parts of an epoch have ticks too.
    private const double FewestWholeTicks = 2;

    // Beyond it, ticks and pixels would leave the range of their numbers.
    private const double Largest = 1e30;

    /// <summary>One line. A value that is not finite is a gap.</summary>
    internal sealed record Series(string Name, IReadOnlyList<double> Values);

    /// <summary>Draws the chart as a figure of HTML.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="xName">Name of the horizontal axis.</param>
    /// <param name="x">Position of every value.</param>
    /// <param name="series">One or two lines.</param>
    /// <param name="format">Writes a value.</param>
    public static string Draw(
        string title, string xName, IReadOnlyList<double> x, IReadOnlyList<Series> series, Func<double, string> format)
    {
        Plot plot = PlotFigure.Begin();
        int every = (x.Count + MostPoints - 1) / MostPoints;
        int[] shown = [.. Enumerable.Range(0, x.Count).Where(i => (i % every == 0 || i == x.Count - 1) && IsDrawn(x[i]))];
        for (int i = 0; i < series.Count; i++)
        {
            IReadOnlyList<double> values = series[i].Values;
            foreach (int[] part in WithoutGaps(shown, values))
            {
                var line = plot.Add.Scatter(
                    part.Select(k => x[k]).ToArray(), part.Select(k => values[k]).ToArray(), PlotFigure.LineColors[i]);
                line.LineWidth = 2;
                line.MarkerSize = shown.Length > MostMarks ? 0 : 6;
            }
        }

        plot.Axes.Left.TickGenerator = new NumericAutomatic { LabelFormatter = format };
        double[] drawn = [.. series.SelectMany(line => shown.Select(i => line.Values[i])).Where(IsDrawn)];
        // A constant would stand between minus one and one.
        if (drawn.Length > 0 && drawn.Min() == drawn.Max() && drawn[0] > 0)
            plot.Axes.SetLimitsY(0, 2 * drawn[0]);
        if (shown.Length > 0 && x[shown[^1]] - x[shown[0]] >= FewestWholeTicks)
            plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.XLabel(xName, size: 12);
        plot.Axes.Bottom.Label.Bold = false;
        return PlotFigure.End(title, Legend(series), plot, Width, Height);
    }

    private static string Legend(IReadOnlyList<Series> series) => series.Count < 2
        ? ""
        : string.Concat(series.Select((line, i) => $"<span class=\"key s{i + 1}\">{Html.Encode(line.Name)}</span>"));

    private static bool IsDrawn(double value) => Math.Abs(value) <= Largest;

    private static IEnumerable<int[]> WithoutGaps(int[] shown, IReadOnlyList<double> values)
    {
        var part = new List<int>();
        foreach (int i in shown)
        {
            if (IsDrawn(values[i]))
            {
                part.Add(i);
                continue;
            }

            if (part.Count > 0)
                yield return [.. part];
            part.Clear();
        }

        if (part.Count > 0)
            yield return [.. part];
    }
}
