using System.Globalization;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Watching;
using Lockstep.Wording;

namespace Lockstep.Chaos.Pictures;

/// <summary>
/// The timeline of a run under faults as SVG: faults as numbered marks, throughput and steps as curves, coordinators, workers and the disk
/// as lanes, and the time to recover from each fault.
/// </summary>
internal static class TimelinePicture
{
    private const double Heading = 92, MarksHeight = 34, RatesHeight = 118, RecoveryHeight = 96, Gap = 16, LegendHeight = 56;

    /// <summary>The timeline of a whole run, as SVG.</summary>
    public static string Draw(ChaosResult result)
    {
        RunStory story = result.Story;
        var frame = Frame.Over(story.TrainingBegan - result.Origin, story.End - result.Origin);
        var svg = new Svg();
        double lanes = LanesPanel.Height(story);
        double top = Heading, marks = top + MarksHeight, rates = marks + 8;
        double lanesAt = rates + RatesHeight + Gap, recovery = lanesAt + lanes + Gap + 8;
        double bottom = recovery + RecoveryHeight, height = bottom + 30 + LegendHeight;
        svg.Box(0, 0, Frame.Width, height, $"fill=\"{Ink.Paper}\"", 14);
        DrawHeading(svg, result);
        svg.Box(Frame.Left, rates, Frame.PlotWidth, RatesHeight, $"fill=\"{Ink.Panel}\"", 4);
        svg.Box(Frame.Left, recovery, Frame.PlotWidth, RecoveryHeight, $"fill=\"{Ink.Panel}\"", 4);
        DrawTime(svg, frame, rates, bottom);
        RatesPanel.Draw(svg, frame, result, rates, RatesHeight);
        LanesPanel.Draw(svg, frame, result, lanesAt);
        RecoveryPanel.Draw(svg, frame, result, recovery, RecoveryHeight);
        DrawMarks(svg, frame, result, top + 14, bottom);
        Legend.Draw(svg, result, bottom + 30 + 20);
        return svg.Close(Frame.Width, height, $"lockstep chaos: {result.Verdict}", Ink.Definitions);
    }

    private static void DrawHeading(Svg svg, ChaosResult result)
    {
        RunStory story = result.Story;
        svg.Text(28, 42, "lockstep chaos", $"font-size=\"26\" font-weight=\"700\" fill=\"{Ink.Text}\"");
        string seed = result.Plan.Seed is { } number ? $"seed {number}, " : "";
        string about = $"{seed}{Format.Plural(story.Faults.Count, "fault")} of {Format.Plural(result.Kinds, "kind")}, "
            + $"{Format.Count(result.Steps)} steps in {Format.Duration(story.End - story.TrainingBegan)}, "
            + $"{Format.Count(result.ExamplesPerSecond)} examples/s";
        svg.Text(28, 68, about, $"font-size=\"14\" fill=\"{Ink.Faint}\"");
        bool isSame = result.Outcome == ChaosResult.Same;
        string verdict = isSame ? "the same bytes as undisturbed" : result.Outcome switch
        {
            ChaosResult.Different => "DIFFERENT BYTES",
            ChaosResult.Stopped => "stopped before there was a result",
            _ => result.Outcome.ToUpperInvariant(),
        };
        string color = isSame ? Ink.Good : Ink.Bad;
        const double width = 318;
        svg.Box(Frame.Width - Frame.Right - width, 20, width, 32, $"fill=\"{color}\"", 16);
        const string verdictStyle = "font-size=\"15\" font-weight=\"600\" fill=\"#ffffff\" text-anchor=\"middle\"";
        svg.Text(Frame.Width - Frame.Right - width / 2, 41, (isSame ? "\u2713  " : "\u2717  ") + verdict, verdictStyle);
        if (result.Comparison is { } comparison)
        {
            string style = $"font-size=\"12\" font-family=\"'DejaVu Sans Mono', monospace\" fill=\"{Ink.Faint}\" text-anchor=\"end\"";
            svg.Text(Frame.Width - Frame.Right, 70, $"sha256 {comparison.RunSha256[..32]}\u2026", style);
        }
    }

    private static void DrawTime(Svg svg, Frame frame, double top, double bottom)
    {
        foreach (double tick in frame.Time.Ticks)
        {
            svg.Line(frame.X(tick), top, frame.X(tick), bottom, $"stroke=\"{Ink.Grid}\"");
            svg.Text(frame.X(tick), bottom + 18, Frame.Clock(tick), $"font-size=\"12\" fill=\"{Ink.Faint}\" text-anchor=\"middle\"");
        }
    }

    // Numbers where they fit, else points.
    private static void DrawMarks(Svg svg, Frame frame, ChaosResult result, double y, double bottom)
    {
        IReadOnlyList<FaultRecord> faults = result.Story.Faults;
        bool hasRoom = faults.Count * 20 < Frame.PlotWidth;
        double last = double.NegativeInfinity;
        svg.Text(Frame.Left - 12, y + 4, "faults", Label);
        foreach (FaultRecord record in faults)
        {
            double at = frame.X(record.At - result.Origin), x = hasRoom ? Math.Max(at, last + 20) : at;
            string color = Ink.Of(record.Fault.Kind);
            string line = $"stroke=\"{color}\" stroke-width=\"1\" stroke-opacity=\"0.45\" stroke-dasharray=\"2 3\" fill=\"none\"";
            svg.Curve([(x, y + 9), (at, y + 22), (at, bottom)], line);
            svg.Circle(x, y, hasRoom ? 9.5 : 3, $"fill=\"{color}\"", $"#{record.Number} {record.Fault}");
            if (hasRoom)
            {
                const string style = "font-size=\"10.5\" font-weight=\"600\" fill=\"#ffffff\" text-anchor=\"middle\"";
                svg.Text(x, y + 3.8, record.Number.ToString(CultureInfo.InvariantCulture), style);
            }
            last = x;
        }
    }

    /// <summary>Width of the names at the left.</summary>
    public static string Label => $"font-size=\"12.5\" fill=\"{Ink.Text}\" text-anchor=\"end\"";
}
