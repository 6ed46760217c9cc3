using System.Globalization;

namespace Lockstep.Chaos.Pictures;

/// <summary>Layout of the timeline: time runs from left to right, panels are below each other.</summary>
/// <param name="Time">The time axis, in seconds of the plan.</param>
internal sealed record Frame(Axis Time)
{
    public const double Width = 1480, Left = 132, Right = 28;

    public static double PlotWidth => Width - Left - Right;

    /// <summary>Position of a time, clamped to the ends.</summary>
    public double X(double seconds) => Left + Math.Clamp(Time.Share(seconds), 0, 1) * PlotWidth;

    /// <summary>A time as people read it.</summary>
    public static string Clock(double seconds)
    {
        double whole = Math.Abs(Math.Round(seconds));
        return string.Create(CultureInfo.InvariantCulture, $"{(seconds < -0.5 ? "-" : "")}{Math.Floor(whole / 60)}:{whole % 60:00}");
    }

    /// <summary>An axis with ticks at seconds and minutes that people count in.</summary>
    public static Frame Over(double from, double to)
    {
        to = Math.Max(to, from + 1);
        double[] steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400];
        double step = steps.FirstOrDefault(step => (to - from) / step <= 18, steps[^1]);
        var ticks = new List<double>();
        for (double tick = Math.Ceiling(from / step) * step; tick <= to; tick += step)
            ticks.Add(tick);
        return new Frame(new Axis(from, to, ticks));
    }
}
