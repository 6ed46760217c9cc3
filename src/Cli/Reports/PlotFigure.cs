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
    public static IReadOnlyList<Color> Colors { get; } = [Color.FromHex("#1d4ed8"), Color.FromHex("#d97706")];

    private static readonly Color Soft = Color.FromHex("#64748b"), Rule = Color.FromHex("#e2e8f0"), None = Color.FromHex("#00000000");
    private static int _drawn;

    /// <summary>An empty plot in the page's font and colours.</summary>
    public static Plot Begin()
    {
        PlotFont.Use();
        var plot = new Plot();
        plot.FigureBackground.Color = None;
        plot.DataBackground.Color = None;
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
        // One page has many plots, and names in it are the page's.
        svg = ClipName().Replace(svg[svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal))..], $"plot{Interlocked.Increment(ref _drawn)}_");
        return $"<figure><figcaption>{Html.Encode(title)}{legend}</figcaption>" + string.Create(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{Html.Encode(title)}\"{Blank().Replace(svg, "")}")
            + "</figure>\n";
    }

    [GeneratedRegex(@"\bcl_(?=[0-9])")]
    private static partial Regex ClipName();

    [GeneratedRegex(@"(?<=>)\s+|\s+(?=<)")]
    private static partial Regex Blank();
}
