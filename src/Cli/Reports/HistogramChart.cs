using Lockstep.Cli.Images;
using Lockstep.Model.Evaluation;
using Lockstep.Wording;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Lockstep.Cli.Reports;

/// <summary>The histogram of a parameter, at one step or at several.</summary>
internal static class HistogramChart
{
    private const int Width = 300, Height = 180, RidgesHeight = 260, MostTicks = 6;

    // The highest of many ridges reaches over those behind it.
    private const double LeastReach = 0.9, MostReach = 2.5, ReachPerStep = 0.15;

    // Less than any finite weights have; there may be none.
    private const double LeastDensity = 1e-100;

    /// <summary>Draws it as a figure of HTML.</summary>
    /// <param name="past">The parameter at ascending steps.</param>
    public static string Draw(IReadOnlyList<(long Step, ParameterHistory.Parameter Parameter)> past)
    {
        ParameterHistory.Parameter newest = past[^1].Parameter;
        Plot plot = PlotFigure.Begin();
        HistogramsPicture.NameAxes(plot);
        if (past.Count == 1)
            HistogramsPicture.AddBars(plot, newest.Values, PlotFigure.LineColors[0]);
        else
            AddRidges(plot, past);
        string from = past.Count == 1 ? "" : $"{Format.Number(past[0].Parameter.Norm)} → ";
        return PlotFigure.End(
            newest.Title, $"<span class=\"norm\">norm {from}{Format.Number(newest.Norm)}</span>", plot, Width,
            past.Count == 1 ? Height : RidgesHeight);
    }

    /// <summary>One distribution a step, all with the same area; the first is the highest on the page, and behind the others.</summary>
    private static void AddRidges(Plot plot, IReadOnlyList<(long Step, ParameterHistory.Parameter Parameter)> past)
    {
        Ridge[] ridges = [.. past.Select(one => Ridge.Of(one.Parameter.Values))];
        double reach = Math.Clamp(ReachPerStep * past.Count, LeastReach, MostReach);
        double scale = reach / Math.Max(LeastDensity, ridges.Max(ridge => ridge.Density.Max()));
        for (int i = 0; i < past.Count; i++)
        {
            double bottom = past.Count - 1 - i;
            var ridge = plot.Add.Polygon(
            [
                new(ridges[i].Min, bottom),
                .. ridges[i].Density.Select((density, bin) => new Coordinates(ridges[i].MiddleOf(bin), bottom + density * scale)),
                new(ridges[i].Max, bottom),
            ]);
            ridge.FillColor = PlotFigure.LineColors[0].WithAlpha(i == past.Count - 1 ? 0.6 : 0.15);
            ridge.LineColor = PlotFigure.LineColors[0];
            ridge.LineWidth = 1;
        }

        int every = (past.Count + MostTicks - 1) / MostTicks;
        int[] ticks = [.. Enumerable.Range(0, past.Count).Where(i => (past.Count - 1 - i) % every == 0)];
        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. ticks.Select(i => (double)(past.Count - 1 - i))], [.. ticks.Select(i => Format.Count(past[i].Step))]);
        plot.Axes.Left.Label.Text = "step";
        plot.Axes.Margins(bottom: 0);
    }

    /// <summary>A distribution whose area is 1. Few values have wider bins.</summary>
    private sealed record Ridge(double Min, double Max, double[] Density)
    {
        private const int Few = 100, Some = 1000;

        public static Ridge Of(Histogram values)
        {
            int sum = values.Counts.Sum(), merged = sum < Few ? 6 : sum < Some ? 2 : 1;
            double area = Math.Max(1, sum) * merged * values.BinWidth;
            return new Ridge(values.Min, values.Max, [.. values.Counts.Chunk(merged).Select(bins => bins.Sum() / area)]);
        }

        public double MiddleOf(int bin) => Min + (bin + 0.5) * (Max - Min) / Density.Length;
    }
}
