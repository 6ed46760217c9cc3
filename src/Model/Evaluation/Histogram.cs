namespace Lockstep.Model.Evaluation;

/// <summary>Counts of values in bins of equal width.</summary>
/// <param name="Min">Lower edge of the first bin.</param>
/// <param name="Max">Upper edge of the last bin, inclusive; greater than <paramref name="Min"/>.</param>
/// <param name="Counts">Values in each bin.</param>
/// <param name="NonFinite">NaN and infinities, which are in no bin.</param>
public sealed record Histogram(double Min, double Max, IReadOnlyList<int> Counts, int NonFinite)
{
    /// <summary>Width of a bin.</summary>
    public double BinWidth => (Max - Min) / Counts.Count;

    /// <summary>Counts values into bins from the least to the greatest. If all are equal, the bins surround them.</summary>
    /// <param name="values">The values.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    public static Histogram Of(ReadOnlySpan<float> values, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        int nonFinite = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                nonFinite++;
                continue;
            }

            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        if (nonFinite == values.Length)
            (min, max) = (0, 0);
        if (min == max)
        {
            double half = Math.Max(0.5, Math.Abs(min) / 2);
            (min, max) = (min - half, max + half);
        }

        int[] counts = new int[bins];
        foreach (float value in values)
        {
            if (float.IsFinite(value))
                counts[Math.Min(bins - 1, (int)((value - min) / (max - min) * bins))]++;
        }

        return new Histogram(min, max, counts, nonFinite);
    }
}
