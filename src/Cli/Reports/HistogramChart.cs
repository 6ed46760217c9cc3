using System.Globalization;
using System.Text;
using Lockstep.Model.Evaluation;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Reports;

/// <summary>The histogram of a parameter, as SVG within the page.</summary>
internal static class HistogramChart
{
    private const int Bins = 48;
    private const double Width = 260, Height = 120, Base = 98;

    public static string Draw(NamedTensor parameter)
    {
        var histogram = Histogram.Of(parameter.Values, Bins);
        int most = Math.Max(1, histogram.Counts.Max());
        var path = new StringBuilder();
        for (int bin = 0; bin < Bins; bin++)
        {
            double left = Width * bin / Bins, height = (Base - 6) * histogram.Counts[bin] / most;
            if (height > 0)
                _ = path.Append(CultureInfo.InvariantCulture, $"M{left:F1} {Base}v{-height:F1}h{Width / Bins - 0.7:F1}v{height:F1}z");
        }

        string notFinite = histogram.NonFinite == 0 ? "" : $", {histogram.NonFinite} not finite";
        string title = $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]{notFinite}";
        return new StringBuilder($"<figure><figcaption>{Html.Encode(title)}</figcaption>")
            .Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Encode(title)}\">")
            .Append(
            CultureInfo.InvariantCulture,
            $"<path class=\"bars\" d=\"{path}\"/><line class=\"grid\" x1=\"0\" x2=\"{Width}\" y1=\"{Base}\" y2=\"{Base}\"/>")
            .Append(CultureInfo.InvariantCulture, $"<text class=\"tick\" x=\"0\" y=\"{Height - 6}\">{histogram.Min:G3}</text>")
            .Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"tick\" text-anchor=\"end\" x=\"{Width}\" y=\"{Height - 6}\">{histogram.Max:G3}</text>")
            .Append("</svg></figure>\n").ToString();
    }
}
