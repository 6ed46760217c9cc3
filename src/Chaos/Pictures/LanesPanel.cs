using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Watching;
using Lockstep.Wording;

namespace Lockstep.Chaos.Pictures;

/// <summary>One lane a coordinator with its terms, one for the leader's disk with its checkpoints, and one a worker.</summary>
internal static class LanesPanel
{
    private const double Row = 30, Bar = 18;

    public static double Height(RunStory story) => (story.Workers.Count + CoordinatorsOf(story).Length + 1) * Row;

    public static void Draw(Svg svg, Frame frame, ChaosResult result, double top)
    {
        double y = top;
        foreach (int coordinator in CoordinatorsOf(result.Story))
        {
            DrawCoordinator(svg, frame, result, coordinator, y);
            y += Row;
        }

        DrawDisk(svg, frame, result, y);
        foreach (WorkerTrack worker in result.Story.Workers)
            DrawWorker(svg, frame, result, worker, y += Row);
    }

    private static int[] CoordinatorsOf(RunStory story) => [.. story.Coordinators.Select(change => change.Number).Distinct().Order()];

    private static void DrawCoordinator(Svg svg, Frame frame, ChaosResult result, int number, double y)
    {
        RunStory story = result.Story;
        svg.Text(Frame.Left - 12, y + 15, $"coordinator {number}", TimelinePicture.Label);
        (double, bool)[] changes = [.. story.Coordinators
            .Where(change => change.Number == number)
            .Select(change => (change.At, change.IsUp))];
        foreach ((double from, double to, bool isUp) in Spans(changes, story.End))
        {
            if (!isUp)
                continue;
            (double x, double end) = (frame.X(from - result.Origin), frame.X(to - result.Origin));
            svg.Box(x, y + 2, end - x, Bar, "fill=\"#dbe4fb\" stroke=\"#7f9be6\"", 3);
            foreach ((double leads, double until, Leadership term) in Spans([.. story.Terms.Select(term => (term.At, term))], story.End))
            {
                if (term.Coordinator != number || leads < from || leads > to)
                    continue;
                double begins = frame.X(leads - result.Origin), width = frame.X(Math.Min(until, to) - result.Origin) - begins;
                svg.Box(begins, y + 2, width, Bar, "fill=\"#a9bff5\" stroke=\"#5f80dc\"", 3);
                if (width > 52)
                    svg.Text(begins + 7, y + 15, $"term {term.Term}", $"font-size=\"11\" fill=\"{Ink.Text}\"");
            }
        }

        foreach (FaultRecord record in story.Faults.Where(record => record.Coordinator == number && record.Fault.Kind != FaultKind.Disk))
            DrawFault(svg, frame, result, record, y);
    }

    private static void DrawDisk(Svg svg, Frame frame, ChaosResult result, double y)
    {
        svg.Text(Frame.Left - 12, y + 15, "checkpoints", TimelinePicture.Label);
        svg.Line(Frame.Left, y + 11, Frame.Left + Frame.PlotWidth, y + 11, $"stroke=\"{Ink.Grid}\"");
        foreach (FaultRecord record in result.Story.Faults.Where(record => record.Fault.Kind == FaultKind.Disk))
            DrawFault(svg, frame, result, record, y);
        foreach ((double at, long step) in result.Story.Checkpoints)
        {
            string style = $"fill=\"{Ink.Steps}\" fill-opacity=\"0.75\"";
            svg.Box(frame.X(at - result.Origin) - 1, y + 5, 2, 12, style, 1, $"checkpoint of step {Format.Count(step)}");
        }

    }

    private static void DrawWorker(Svg svg, Frame frame, ChaosResult result, WorkerTrack worker, double y)
    {
        svg.Text(Frame.Left - 12, y + 15, $"worker {worker.Number}", TimelinePicture.Label);
        foreach ((double from, double to, WorkerState state) in Spans(worker.Changes, result.Story.End))
        {
            if (state == WorkerState.Gone)
                continue;
            (double x, double end) = (frame.X(from - result.Origin), frame.X(to - result.Origin));
            string style = state == WorkerState.Computing
                ? $"fill=\"{Ink.Computing}\" stroke=\"{Ink.ComputingEdge}\" stroke-width=\"0.8\""
                : $"fill=\"{Ink.Idle}\"";
            svg.Box(x, y + 2, end - x, Bar, style, 2);
        }

        foreach (FaultRecord record in result.Story.Faults.Where(record => record.Fault.Worker == worker.Number))
            DrawFault(svg, frame, result, record, y);
        if (worker.Number > result.Plan.Workers && worker.Changes.Count > 0)
            Glyph.Draw(svg, FaultKind.Join, frame.X(worker.Changes[0].At - result.Origin), y + 11);
    }

    private static void DrawFault(Svg svg, Frame frame, ChaosResult result, FaultRecord record, double y)
    {
        double x = frame.X(record.At - result.Origin);
        if (!FaultKinds.Lasts(record.Fault.Kind, ofCoordinator: false))
        {
            Glyph.Draw(svg, record.Fault.Kind, x, y + 11);
            return;
        }

        double end = frame.X((record.EndedAt ?? result.Story.End) - result.Origin), width = Math.Max(end - x, 3);
        svg.Box(x, y + 2, width, Bar, Ink.SpanOf(record.Fault.Kind), 3, record.Fault.ToString());
    }

    /// <summary>Turns changes into spans; omits changes that were undone at once.</summary>
    private static IEnumerable<(double From, double To, T State)> Spans<T>(IReadOnlyList<(double At, T State)> changes, double end)
    {
        for (int i = 0; i < changes.Count; i++)
            yield return (changes[i].At, i + 1 < changes.Count ? changes[i + 1].At : end, changes[i].State);
    }
}
