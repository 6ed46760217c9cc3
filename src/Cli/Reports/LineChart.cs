using System.Globalization;
using System.Text;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>Lines over a common axis, as SVG within the page: its colours are those of the page's style.</summary>
internal static class LineChart
{
    private const double Width = 560, Height = 250, Left = 58, Right = 14, Top = 12, Bottom = 36;

    // More points than this are thinned out, fewer than the second each have a mark with a tooltip.
    private const int MostPoints = 1200, MostMarks = 80;

    /// <summary>One line. A value that is not finite is a gap.</summary>
    internal sealed record Series(string Name, IReadOnlyList<double> Values);

    /// <summary>Draws the chart as a figure of HTML.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="xName">What runs along the axis.</param>
    /// <param name="x">Position of every value.</param>
    /// <param name="series">Up to two lines.</param>
    /// <param name="format">Writes a value.</param>
    public static string Draw(
        string title, string xName, IReadOnlyList<double> x, IReadOnlyList<Series> series, Func<double, string> format)
    {
        Axis across = Axis.Within(x), up = Axis.Over(series.SelectMany(line => line.Values));
        var svg = new StringBuilder($"<figure><figcaption>{Html.Encode(title)}{Legend(series)}</figcaption>");
        _ = svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Encode(title)}\">");
        foreach (double tick in up.Ticks)
        {
            double y = Y(up, tick);
            _ = svg.Append(
                CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\"/>")
                .Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"tick\" text-anchor=\"end\" x=\"{Left - 8}\" y=\"{y + 4:F1}\">{Html.Encode(format(tick))}</text>");
        }

        foreach (double tick in across.Ticks)
            _ = svg.Append(
                CultureInfo.InvariantCulture,
                $"<text class=\"tick\" text-anchor=\"middle\" x=\"{X(across, tick):F1}\" "
                    + $"y=\"{Height - Bottom + 18}\">{tick:0.######}</text>");
        _ = svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"tick\" text-anchor=\"middle\" x=\"{(Left + Width - Right) / 2}\" "
                + $"y=\"{Height - 3}\">{Html.Encode(xName)}</text>");
        for (int i = 0; i < series.Count; i++)
            DrawLine(svg, i + 1, across, up, x, series[i], xName, format);
        return svg.Append("</svg></figure>\n").ToString();
    }

    private static string Legend(IReadOnlyList<Series> series) => series.Count < 2
        ? ""
        : string.Concat(series.Select((line, i) => $"<span class=\"key s{i + 1}\">{Html.Encode(line.Name)}</span>"));

    private static void DrawLine(
        StringBuilder svg, int number, Axis across, Axis up, IReadOnlyList<double> x, Series line, string xName, Func<double,
        string> format)
    {
        int every = (x.Count + MostPoints - 1) / MostPoints;
        int[] shown = [.. Enumerable.Range(0, x.Count).Where(i => (i % every == 0 || i == x.Count - 1) && double.IsFinite(x[i]))];
        var path = new StringBuilder();
        bool isDown = false;
        foreach (int i in shown)
        {
            bool isThere = double.IsFinite(line.Values[i]);
            if (isThere)
                _ = path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{X(across, x[i]):F1} {Y(up, line.Values[i]):F1}");
            isDown = isThere;
        }

        _ = svg.Append(CultureInfo.InvariantCulture, $"<path class=\"line s{number}\" d=\"{path}\"/>");
        if (shown.Length > MostMarks)
            return;
        foreach (int i in shown.Where(i => double.IsFinite(line.Values[i])))
        {
            string tip = $"{line.Name} {format(line.Values[i])}, {xName} {x[i].ToString("0.##", CultureInfo.InvariantCulture)}";
            _ = svg.Append(
                CultureInfo.InvariantCulture,
                $"<circle class=\"mark s{number}\" cx=\"{X(across, x[i]):F1}\" cy=\"{Y(up, line.Values[i]):F1}\" "
                    + $"r=\"3\"><title>{Html.Encode(tip)}</title></circle>");
        }
    }

    private static double X(Axis axis, double value) => Left + axis.Share(value) * (Width - Left - Right);

    private static double Y(Axis axis, double value) => Height - Bottom - axis.Share(value) * (Height - Top - Bottom);
}
