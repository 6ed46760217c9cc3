using ScottPlot;

namespace Lockstep.Bench.Compare;

/// <summary>The rates of training side by side, as bars.</summary>
internal static class Picture
{
    /// <summary>An SVG image; null when nothing that it shows was measured.</summary>
    public static string? Draw(IReadOnlyList<Finding> findings)
    {
        Series[] series = [.. findings.Where(
            finding => finding.Row is "a" or "b" or "c").SelectMany(finding => finding.Measured).DistinctBy(series => series.Name)];
        if (series.Length == 0)
            return null;
        using var plot = new Plot();
        for (int i = 0; i < series.Length; i++)
        {
            bool isOurs = series[i].Name.StartsWith('`');
            plot.Add.Bar(new Bar
            {
                Position = series.Length - i,
                Value = series[i].Median,
                Orientation = Orientation.Horizontal,
                FillColor = isOurs ? Color.FromHex("#1f77b4") : Color.FromHex("#b0b0b0"),
                LineWidth = 0,
                Size = 0.7,
            });
            var range = plot.Add.Line(series[i].Min, series.Length - i, series[i].Max, series.Length - i);
            range.Color = Colors.Black;
            ScottPlot.Plottables.Text value = plot.Add.Text(
                $" {series[i].Median:#,0}", Math.Max(series[i].Max, series[i].Median), series.Length - i);
            value.Alignment = Alignment.MiddleLeft;
            value.LabelFontSize = 12;
        }

        plot.Axes.Left.SetTicks(
            [.. series.Select((_, i) => (double)(series.Length - i))],
            [.. series.Select(one => one.Name.Replace("`", "", StringComparison.Ordinal))]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.SetLimitsX(0, series.Max(one => one.Max) * 1.15);
        plot.Axes.Title.Label.Text = "Training 784-256-10 on MNIST: examples a second";
        plot.HideGrid();
        return plot.GetSvgXml(900, 60 + 34 * series.Length);
    }
}
