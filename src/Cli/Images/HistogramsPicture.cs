using System.Globalization;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Lockstep.Cli.Images;

/// <summary>A histogram of every parameter, two in a row.</summary>
internal static class HistogramsPicture
{
    /// <summary>Most parameters that are drawn: the first ones.</summary>
    public const int MaxParameters = 64;

    private const int Bins = 60;

    /// <summary>Draws them as a PNG.</summary>
    public static byte[] Draw(IReadOnlyList<NamedTensor> parameters)
    {
        PlotFont.Use();
        return PlotGrid.Draw([.. parameters.Take(MaxParameters).Select(Draw)]);
    }

    /// <summary>The histogram of a parameter.</summary>
    public static Histogram Of(NamedTensor parameter) => Histogram.Of(parameter.Values, Bins);

    /// <summary>Name and shape of a parameter, and how many of its values are in no bar.</summary>
    public static string TitleOf(NamedTensor parameter, Histogram histogram)
    {
        string notFinite = histogram.NonFinite == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {histogram.NonFinite:N0} not finite");
        return $"{parameter.Name} {ForeignText.Shape(parameter.Shape)}{notFinite}";
    }

    /// <summary>Adds the bars of a histogram to a plot, which they fill from the bottom up.</summary>
    public static void AddBars(Plot plot, Histogram histogram, Color color)
    {
        double width = histogram.BinWidth;
        Bar[] bars = [.. histogram.Counts.Select((count, bin) =>
            new Bar { Position = histogram.Min + (bin + 0.5) * width, Value = count, Size = width, FillColor = color, LineWidth = 0 })];
        _ = plot.Add.Bars(bars);
        plot.Axes.Margins(bottom: 0);
    }

    /// <summary>Titles of the axes of a histogram, and whole numbers on that of the counts.</summary>
    public static void NameAxes(Plot plot, string counted = "count", string? value = "value")
    {
        plot.YLabel(counted, size: 12);
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Left.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true, LabelFormatter = count => count.ToString("N0", CultureInfo.InvariantCulture),
        };
        if (value is not null)
        {
            plot.XLabel(value, size: 12);
            plot.Axes.Bottom.Label.Bold = false;
        }
    }

    private static Plot Draw(NamedTensor parameter)
    {
        var plot = new Plot();
        NameAxes(plot);
        Histogram histogram = Of(parameter);
        AddBars(plot, histogram, Color.FromHex("#1d4ed8"));
        plot.Title(TitleOf(parameter, histogram), size: 14);
        plot.Axes.Title.Label.Bold = false;
        return plot;
    }
}
