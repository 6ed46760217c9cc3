using System.Globalization;
using Lockstep.Chaos.Pictures;
using Lockstep.Sweeps;

namespace Lockstep.Cli.Images;

/// <summary>Loss against learning rate, on a logarithmic axis.</summary>
internal static class RatePicture
{
    private const double Width = 900, Height = 480;

    /// <summary>Draws it as SVG.</summary>
    public static string Draw(RateTestResult result)
    {
        IReadOnlyList<RateTestStep> steps = result.Steps;
        double first = Math.Log10(steps[0].Rate), last = Math.Log10(steps[^1].Rate);
        double Share(double rate) => (Math.Log10(rate) - first) / Math.Max(last - first, 1e-9);
        // What is far above the losses of the beginning is cut off: the fall is what matters.
        double highest = 1.5 * steps.Take(10).Max(step => step.Loss);
        var losses = Axis.Over(steps.Select(step => Math.Min(step.Loss, highest)).Append(0));
        var frame = new PanelFrame(80, 70, Width - 120, Height - 140);
        var svg = new Svg();
        int from = (int)Math.Ceiling(first - 1e-9);
        (double Share, string Text)[] decades =
        [
            .. Enumerable.Range(from, Math.Max(0, (int)Math.Floor(last + 1e-9) - from + 1))
                .Select(power => (Share(double.Parse($"1E{power}", CultureInfo.InvariantCulture)), $"1e{power}")),
        ];
        frame.Draw(svg, "learning rate", decades, "loss of the batch", PanelFrame.TicksOf(losses, "G4"));
        foreach (RateTestStep step in steps)
            svg.Circle(frame.X(Share(step.Rate)), Y(step.Loss), 2, $"fill=\"{Ink.Faint}\" fill-opacity=\"0.45\"");
        svg.Curve(
            [.. steps.Select(step => (frame.X(Share(step.Rate)), Y(step.SmoothedLoss)))],
            $"stroke=\"{Ink.Curve}\" stroke-width=\"2.5\" fill=\"none\"");
        if (result.Suggested is { } rate)
        {
            double x = frame.X(Math.Max(0, Share(rate)));
            svg.Line(x, frame.Top, x, frame.Top + frame.Height, $"stroke=\"{Ink.Good}\" stroke-width=\"2\" stroke-dasharray=\"6 4\"");
            svg.Text(
                x + 6, frame.Top + 16, rate.ToString("R", CultureInfo.InvariantCulture), $"font-size=\"14\" fill=\"{Ink.Good}\"");
        }

        svg.Text(80, 34, "Learning-rate range test", $"font-size=\"17\" font-weight=\"600\" fill=\"{Ink.Text}\"");
        return svg.Close(Width, Height, "Learning-rate range test", $"<style>svg {{ background: {Ink.Paper} }}</style>");

        double Y(double loss) => frame.Y(Math.Min(1, losses.Share(Math.Min(loss, highest))));
    }
}
