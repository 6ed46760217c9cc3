using System.Globalization;
using Lockstep.Chaos.Pictures;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Model.Specs;
using Lockstep.Sweeps;
using Lockstep.Wording;

namespace Lockstep.Cli.Sweeps;

/// <summary>
/// Validation results of a sweep over the options that vary: a curve for one, a heat map for two with few values, else a panel for each.
/// Trials that differ in their seed only are repetitions: a curve and a heat map show their mean.
/// </summary>
internal static class SweepPicture
{
    private const int MostCells = 16, LongestTitle = 80;
    private const double Width = 900, Left = 90, Top = 80, Bottom = 64, Right = 40;

    /// <summary>Draws it as SVG.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="results">All trials; those that are not complete have no dot.</param>
    public static string Draw(SweepPlan plan, IReadOnlyList<(SweepPoint Point, TrialResult Result)> results)
    {
        Dot[] dots =
        [
            .. results.Where(each => each.Result.State == TrialState.Completed)
                .Select(each => new Dot(
                    each.Point, (plan.Metric == ValidationMetric.Accuracy ? 100 : 1) * each.Result.Of(plan.Metric),
                    $"{each.Point}: {SweepRecord.WordsOf(each.Result)}"))
                .Where(dot => double.IsFinite(dot.Value)),
        ];
        string seed = SweepPlan.NameOf(TrainingOptions.Seed);
        SweepParameter[] drawn = [.. plan.Parameters.Where(parameter => parameter.Name != seed)];
        if (drawn.Length == 0)
            drawn = [.. plan.Parameters];
        ValueAxis[] axes =
        [
            .. drawn.Select(parameter => new ValueAxis(
                results.Select(each => each.Point[parameter.Name]), parameter.Range?.IsLogarithmic)),
        ];
        var svg = new Svg();
        double height = drawn.Length == 2 && axes.All(axis => axis.Sorted.Count <= MostCells)
            ? DrawHeatMap(svg, drawn, axes, dots, plan.Metric)
            : DrawPanels(svg, drawn, axes, dots, plan.Metric);
        svg.Text(Left, 34, Title(results, dots), $"font-size=\"17\" font-weight=\"600\" fill=\"{Ink.Text}\"");
        return svg.Close(Width, height, "Results of the sweep", $"<style>svg {{ background: {Ink.Paper} }}</style>");
    }

    private static string Title(IReadOnlyList<(SweepPoint Point, TrialResult Result)> results, Dot[] dots)
    {
        int failed = results.Count(each => each.Result.State == TrialState.Failed);
        string title = $"{Format.Plural(dots.Length, "trial")}{(failed > 0 ? $", {failed} more failed" : "")}"
            + (dots.Length > 0 ? $"; the best: {results[0].Point}" : "");
        return title.Length <= LongestTitle ? title : title[..(LongestTitle - 1)] + "…";
    }

    private static double DrawPanels(Svg svg, SweepParameter[] drawn, ValueAxis[] axes, Dot[] dots, ValidationMetric metric)
    {
        int columns = drawn.Length == 1 ? 1 : 2, rows = (drawn.Length + columns - 1) / columns;
        double width = (Width - columns * Left - Right - (columns - 1) * 10) / columns, height = columns == 1 ? 360 : 230;
        var values = Axis.Over(dots.Select(dot => dot.Value));
        double? best = dots.Length == 0 ? null : metric == ValidationMetric.Loss ? dots.Min(dot => dot.Value) : dots.Max(dot => dot.Value);
        for (int i = 0; i < drawn.Length; i++)
        {
            var frame = new PanelFrame(
                Left + i % columns * (width + Left + 10), Top + i / columns * (height + Top + Bottom - 30), width, height);
            frame.Draw(svg, drawn[i].Name, axes[i].Ticks, NameOf(metric), PanelFrame.TicksOf(values, "G4"));
            if (drawn.Length == 1 && axes[i].IsNumeric)
                svg.Curve(MeansOf(drawn[i], axes[i], dots, frame, values), $"stroke=\"{Ink.Curve}\" stroke-width=\"2\" fill=\"none\"");
            foreach (Dot dot in dots.OrderBy(dot => dot.Value == best))
            {
                svg.Circle(
                    frame.X(axes[i].Share(dot.Point[drawn[i].Name])), frame.Y(values.Share(dot.Value)), dot.Value == best ? 6 : 4,
                    dot.Value == best ? $"fill=\"{Ink.Good}\"" : $"fill=\"{Ink.Curve}\" fill-opacity=\"0.6\"", dot.Tip);
            }
        }

        return Top + rows * (height + Top + Bottom - 30) - Top + 40;
    }

    private static (double X, double Y)[] MeansOf(SweepParameter parameter, ValueAxis axis, Dot[] dots, PanelFrame frame, Axis values) =>
    [
        .. axis.Sorted.Select(value => (value, mean: MeanOf(dots.Where(dot => dot.Point[parameter.Name] == value))))
            .Where(each => each.mean is not null)
            .Select(each => (frame.X(axis.Share(each.value)), frame.Y(values.Share(each.mean!.Value)))),
    ];

    private static double DrawHeatMap(Svg svg, SweepParameter[] drawn, ValueAxis[] axes, Dot[] dots, ValidationMetric metric)
    {
        IReadOnlyList<string> across = axes[0].Sorted, up = axes[1].Sorted;
        double left = Left + 50, cellWidth = (Width - left - Right) / across.Count, cellHeight = Math.Clamp(420.0 / up.Count, 28, 90);
        var frame = new PanelFrame(left, Top, cellWidth * across.Count, cellHeight * up.Count);
        frame.Draw(svg, drawn[0].Name, Middles(across), $"{drawn[1].Name}; cells: {NameOf(metric)}", Middles(up));
        double?[] means =
        [
            .. from y in up from x in across
               select MeanOf(dots.Where(dot => dot.Point[drawn[0].Name] == x && dot.Point[drawn[1].Name] == y)),
        ];
        double least = means.Min() ?? 0, most = means.Max() ?? 0;
        for (int i = 0; i < means.Length; i++)
        {
            double x = frame.Left + i % across.Count * cellWidth, y = frame.Top + frame.Height - (i / across.Count + 1) * cellHeight;
            double share = means[i] is { } mean && most > least ? (mean - least) / (most - least) : 1;
            double good = metric == ValidationMetric.Loss && most > least ? 1 - share : share;
            string fill = means[i] is null ? Ink.Idle : ColorOf(good);
            string format = metric == ValidationMetric.Accuracy ? "F2" : "F4";
            string text = means[i] is { } value ? value.ToString(format, CultureInfo.InvariantCulture) : "none";
            svg.Box(x + 1, y + 1, cellWidth - 2, cellHeight - 2, $"fill=\"{fill}\"", radius: 3);
            string ink = means[i] is not null && good > 0.55 ? Ink.Paper : Ink.Text;
            svg.Text(
                x + cellWidth / 2, y + cellHeight / 2 + 5, text,
                $"font-size=\"{(cellWidth < 60 ? 10 : 13)}\" text-anchor=\"middle\" fill=\"{ink}\"");
        }

        return frame.Top + frame.Height + Bottom;
    }

    private static string NameOf(ValidationMetric metric) =>
        $"validation {StopSpec.WordOf(metric)}{(metric == ValidationMetric.Accuracy ? ", %" : "")}";

    private static IReadOnlyList<(double Share, string Text)> Middles(IReadOnlyList<string> values) =>
        [.. values.Select((value, i) => ((i + 0.5) / values.Count, value))];

    private static double? MeanOf(IEnumerable<Dot> dots)
    {
        double[] values = [.. dots.Select(dot => dot.Value)];
        return values.Length == 0 ? null : values.Average();
    }

    // From nearly white to the dark blue of the curves: lightness alone orders them, in print too.
    private static string ColorOf(double share)
    {
        int Mix(int from, int to) => (int)Math.Round(from + share * (to - from));
        return $"rgb({Mix(236, 22)},{Mix(242, 68)},{Mix(253, 165)})";
    }

    private sealed record Dot(SweepPoint Point, double Value, string Tip);
}
