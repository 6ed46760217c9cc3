using Lockstep.Chaos.Results;
using Lockstep.Chaos.Watching;

namespace Lockstep.Chaos.Pictures;

/// <summary>Time until training went on after each fault, on a logarithmic scale.</summary>
internal static class RecoveryPanel
{
    private const double Least = 0.001, Most = 100;

    private static readonly (double Seconds, string Name)[] Ticks =
        [(0.001, "1 ms"), (0.01, "10 ms"), (0.1, "100 ms"), (1, "1 s"), (10, "10 s")];

    public static void Draw(Svg svg, Frame frame, ChaosResult result, double top, double height)
    {
        double Y(double seconds) => top + height - Math.Clamp(Math.Log(seconds / Least) / Math.Log(Most / Least), 0, 1) * height;
        svg.Text(Frame.Left - 12, top + 4, "recovered in", TimelinePicture.Label);
        foreach ((double seconds, string name) in Ticks)
        {
            svg.Line(Frame.Left, Y(seconds), Frame.Left + Frame.PlotWidth, Y(seconds), $"stroke=\"{Ink.Grid}\"");
            string style = $"font-size=\"10.5\" fill=\"{Ink.Faint}\" text-anchor=\"end\"";
            svg.Text(Frame.Left - 12, Y(seconds) + (seconds > Least ? 4 : 0), name, style);
        }

        foreach (FaultRecord record in result.Story.Faults)
        {
            double x = frame.X(record.At - result.Origin);
            string color = Ink.Of(record.Fault.Kind);
            double seconds = record.SecondsToRecover ?? Most;
            svg.Line(x, top + height, x, Y(seconds), $"stroke=\"{color}\" stroke-width=\"3\" stroke-linecap=\"round\"");
            string tip = record.SecondsToRecover is null ? "not" : FormattableString.Invariant($"{record.Fault}: {seconds:F3} s");
            svg.Circle(x, Y(seconds), 4.5, $"fill=\"{color}\" stroke=\"#ffffff\" stroke-width=\"1.2\"", tip);
        }
    }
}
