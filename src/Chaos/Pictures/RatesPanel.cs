using Lockstep.Chaos.Results;
using Lockstep.Chaos.Watching;
using Lockstep.Wording;

namespace Lockstep.Chaos.Pictures;

/// <summary>
/// Examples a second as an area, and completed steps as a line, which falls where a coordinator continued from a checkpoint.
/// </summary>
internal static class RatesPanel
{
    private const int MostPoints = 700;

    public static void Draw(Svg svg, Frame frame, ChaosResult result, double top, double height)
    {
        IReadOnlyList<(double At, double Rate)> rates = Rates(result.Story, result.BatchSize);
        var up = Axis.Over(rates.Select(rate => rate.Rate).Append(0));
        double Y(double share) => top + height - Math.Clamp(share, 0, 1) * (height - 8);
        svg.Text(Frame.Left - 12, top + 14, "examples/s", TimelinePicture.Label);
        foreach (double tick in up.Ticks.Skip(1))
        {
            svg.Line(Frame.Left, Y(up.Share(tick)), Frame.Left + Frame.PlotWidth, Y(up.Share(tick)), $"stroke=\"{Ink.Grid}\"");
            if (Y(up.Share(tick)) > top + 22)
            {
                string style = $"font-size=\"10.5\" fill=\"{Ink.Faint}\" text-anchor=\"end\"";
                svg.Text(Frame.Left - 12, Y(up.Share(tick)) + 4, Format.Count(tick), style);
            }
        }

        (double, double)[] curve = [.. rates.Select(rate => (frame.X(rate.At - result.Origin), Y(up.Share(rate.Rate))))];
        svg.Curve(curve, "fill=\"url(#area)\"", floor: top + height);
        svg.Curve(curve, $"fill=\"none\" stroke=\"{Ink.Curve}\" stroke-width=\"1.6\" stroke-linejoin=\"round\"");
        DrawSteps(svg, frame, result, Y);
    }

    private static void DrawSteps(Svg svg, Frame frame, ChaosResult result, Func<double, double> y)
    {
        RunStory story = result.Story;
        double most = Math.Max(1, story.Steps.Select(sample => sample.Step).DefaultIfEmpty().Max());
        int every = 1 + story.Steps.Count / MostPoints;
        (double, double)[] line = [.. story.Steps
            .Where((sample, i) => sample.At >= story.TrainingBegan && i % every == 0)
            .Append((story.End, story.LastStep))
            .Select(sample => (frame.X(sample.Item1 - result.Origin), y(sample.Item2 / most)))];
        svg.Curve(line, $"fill=\"none\" stroke=\"{Ink.Steps}\" stroke-width=\"1.8\"");
        if (line.Length > 0)
        {
            string style = $"font-size=\"12\" font-weight=\"600\" fill=\"{Ink.Steps}\" text-anchor=\"end\"";
            svg.Text(line[^1].Item1 - 6, line[^1].Item2 + 4 + 14, $"step {Format.Count(result.Steps)}", style);
        }
    }

    /// <summary>Throughput over windows of at least half a second; a step that is computed again does not count twice.</summary>
    internal static IReadOnlyList<(double At, double Rate)> Rates(RunStory story, long batchSize)
    {
        double window = Math.Max(0.5, (story.End - story.TrainingBegan) / MostPoints);
        var rates = new List<(double, double)>();
        (double At, long Step)? begin = null;
        long furthest = 0;
        foreach ((double at, long step) in story.Steps)
        {
            furthest = Math.Max(furthest, step);
            if (at < story.TrainingBegan)
                continue;
            begin ??= (at, furthest);
            if (at - begin.Value.At < window)
                continue;
            rates.Add(((begin.Value.At + at) / 2, (furthest - begin.Value.Step) * batchSize / (at - begin.Value.At)));
            begin = (at, furthest);
        }

        return rates;
    }
}
