namespace Lockstep.Cli.Training;

/// <summary>What <c>inspect</c> says of a parameter's values. All but the counts are over the finite values; NaN of none.</summary>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value.</param>
/// <param name="Mean">Mean.</param>
/// <param name="StandardDeviation">Square root of the mean squared distance from the mean.</param>
/// <param name="Norm">Square root of the sum of squares.</param>
/// <param name="Zeros">Values equal to zero.</param>
/// <param name="NonFinite">NaN and infinities.</param>
internal sealed record TensorStatistics(
    double Min, double Max, double Mean, double StandardDeviation, double Norm, int Zeros, int NonFinite)
{
    public static TensorStatistics Of(ReadOnlySpan<float> values)
    {
        double min = double.NaN, max = double.NaN, sum = 0, squares = 0;
        int finite = 0, zeros = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                continue;
            finite++;
            zeros += value == 0 ? 1 : 0;
            min = finite == 1 ? value : Math.Min(min, value);
            max = finite == 1 ? value : Math.Max(max, value);
            sum += value;
            squares += (double)value * value;
        }

        // Two passes: the difference of large sums would lose the digits of a small spread.
        double mean = sum / finite, spread = 0;
        foreach (float value in values)
        {
            if (float.IsFinite(value))
                spread += (value - mean) * (value - mean);
        }

        return new TensorStatistics(min, max, mean, Math.Sqrt(spread / finite), Math.Sqrt(squares), zeros, values.Length - finite);
    }
}
