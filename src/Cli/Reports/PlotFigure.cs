using System.Globalization;
using System.Text.RegularExpressions;
using Lockstep.Cli.Images;
using ScottPlot;

namespace Lockstep.Cli.Reports;

/// <summary>
/// A plot as SVG within the page. The page's style replaces these colours by its own, which are others in the dark.
/// </summary>
internal static partial class PlotFigure
{
    /// <summary>Colours of the lines and bars, in their order.</summary>
    public static IReadOnlyList<Color> LineColors { get; } = [Color.FromHex("#1d4ed8"), Color.FromHex("#d97706")];

    private static readonly Color Soft = Color.FromHex("#64748b"), Rule = Color.FromHex("#e2e8f0");

    /// <summary>An empty plot in the page's font and colours.</summary>
    public static Plot Begin()
    {
        PlotFont.Use();
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Color(Soft);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Rule;
        return plot;
    }

    /// <summary>The figure.</summary>
    /// <param name="title">Heading: text.</param>
    /// <param name="legend">Stands behind it: HTML.</param>
    /// <param name="plot">The plot; disposed.</param>
    /// <param name="width">In pixels of the drawing.</param>
    /// <param name="height">In pixels of the drawing.</param>
    public static string End(string title, string legend, Plot plot, int width, int height)
    {
        string svg;
        using (plot)
            svg = plot.GetSvgXml(width, height);
        // Without the prologue and the size: the page scales it.
        svg = Blank().Replace(svg[svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal))..], "");
        return $"<figure><figcaption>{Html.Encode(title)}{legend}</figcaption>" + string.Create(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Html.Encode(title)}\"{svg}")
            + "</figure>\n";
    }

    [GeneratedRegex(@"(?<=>)\s+|\s+(?=<)")]
    private static partial Regex Blank();
}
