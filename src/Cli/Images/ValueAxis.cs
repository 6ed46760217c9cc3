using System.Globalization;
using Lockstep.Chaos.Pictures;

namespace Lockstep.Cli.Images;

/// <summary>An axis for the values of an option: numbers at their places, linear or logarithmic, everything else side by side.</summary>
internal sealed class ValueAxis
{
    // Numbers over such a factor would crowd at one end of a linear axis.
    private const double LogarithmicFrom = 20;

    // Beyond these, the ticks are round numbers; and they keep a distance.
    private const int MostValueTicks = 9;
    private const double LeastDistance = 0.08, Margin = 0.04;

    private readonly Dictionary<string, double> _places = [];

    /// <summary>An axis for some values.</summary>
    /// <param name="values">As texts; equal ones count once.</param>
    /// <param name="isLogarithmic">Whether they were drawn on a logarithmic scale; null for a list, whose numbers tell.</param>
    public ValueAxis(IEnumerable<string> values, bool? isLogarithmic)
    {
        string[] distinct = [.. values.Distinct()];
        double?[] numbers = [.. distinct.Select(NumberOf)];
        IsNumeric = numbers.All(number => number is not null) && distinct.Length > 1;
        if (!IsNumeric)
        {
            Sorted = distinct;
            for (int i = 0; i < distinct.Length; i++)
                _places[distinct[i]] = (i + 0.5) / distinct.Length;
            Ticks = [.. distinct.Select(value => (_places[value], value))];
            return;
        }

        Sorted = [.. distinct.OrderBy(NumberOf)];
        double least = numbers.Min()!.Value, largest = numbers.Max()!.Value;
        bool isLog = least > 0 && (isLogarithmic ?? largest / least >= LogarithmicFrom);
        Func<double, double> scale = isLog ? Math.Log10 : number => number;
        Axis? round = isLog || distinct.Length <= MostValueTicks ? null : Axis.Over([least, largest]);
        double start = scale(round?.Min ?? least), end = scale(round?.Max ?? largest);
        double Share(double number) => Margin + (1 - 2 * Margin) * (scale(number) - start) / (end - start);
        foreach (string value in distinct)
            _places[value] = Share(NumberOf(value)!.Value);
        IEnumerable<double> ticks = distinct.Length <= MostValueTicks ? Sorted.Select(value => NumberOf(value)!.Value)
            : round?.Ticks ?? Decades(least, largest);
        Ticks = Apart(ticks.Select(tick => (Share(tick), tick.ToString("G4", CultureInfo.InvariantCulture))));
    }

    /// <summary>Whether all values are numbers.</summary>
    public bool IsNumeric { get; }

    /// <summary>The values, numbers from the least on.</summary>
    public IReadOnlyList<string> Sorted { get; }

    /// <summary>Places and labels of the ticks.</summary>
    public IReadOnlyList<(double Share, string Text)> Ticks { get; }

    /// <summary>Place of a value: 0 at the beginning of the axis, 1 at its end.</summary>
    public double Share(string value) => _places[value];

    private static double? NumberOf(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : null;

    private static IEnumerable<double> Decades(double least, double largest)
    {
        bool isWide = largest / least > 1e3;
        for (int power = (int)Math.Floor(Math.Log10(least)); power <= Math.Log10(largest); power++)
        {
            foreach (int digit in isWide ? new[] { 1 } : [1, 2, 5])
            {
                double tick = double.Parse($"{digit}E{power}", CultureInfo.InvariantCulture);
                if (tick >= least && tick <= largest)
                    yield return tick;
            }
        }
    }

    private static List<(double Share, string Text)> Apart(IEnumerable<(double Share, string Text)> ticks)
    {
        var kept = new List<(double Share, string Text)>();
        foreach ((double Share, string Text) tick in ticks)
        {
            if (kept.Count == 0 || tick.Share - kept[^1].Share >= LeastDistance)
                kept.Add(tick);
        }

        return kept;
    }
}
