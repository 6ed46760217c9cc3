using System.Globalization;

namespace Lockstep.Chaos.Pictures;

/// <summary>One axis of a chart, with ticks at round numbers.</summary>
/// <param name="Min">Value at the start.</param>
/// <param name="Max">Value at the end, greater.</param>
/// <param name="Ticks">Values of the ticks, ascending.</param>
internal sealed record Axis(double Min, double Max, IReadOnlyList<double> Ticks)
{
    private const int WantedTicks = 5;

    // Beyond these a difference or a power would overflow a double; no measurement is there.
    private const double Largest = 1e300, Smallest = 1e-30;

    /// <summary>An axis that ends at ticks and contains all values; NaN and infinities are ignored.</summary>
    public static Axis Over(IEnumerable<double> values)
    {
        (double min, double max) = Range(values);
        double step = RoundStep((max - min) / (WantedTicks - 1));
        double first = Math.Floor(min / step + 1e-9), last = Math.Ceiling(max / step - 1e-9);
        double[] ticks = TicksOf(first, last, step);
        return new Axis(ticks[0], ticks[^1], ticks);
    }

    /// <summary>Position of a value: 0 at the start, 1 at the end.</summary>
    public double Share(double value) => (value - Min) / (Max - Min);

    private static (double Min, double Max) Range(IEnumerable<double> values)
    {
        (double min, double max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (double value in values.Where(value => Math.Abs(value) < Largest))
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        if (min > max)
            return (0, 1);
        if (max - min > Math.Max(Smallest, Math.Max(Math.Abs(min), Math.Abs(max)) * 1e-9))
            return (min, max);
        return Math.Abs(min) < Smallest ? (-1, 1) : (min - Math.Abs(min) / 2, max + Math.Abs(max) / 2);
    }

    private static double[] TicksOf(double first, double last, double step) =>
        [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Clean((first + i) * step))];

    // 0.3 rather than 0.30000000000000004.
    private static double Clean(double value) =>
        double.Parse(value.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    // 1, 2 or 5 times a power of ten, not less than asked for.
    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step))), rest = step / power;
        double round = rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10;
        return Clean(round * power);
    }
}
