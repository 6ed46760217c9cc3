using Lockstep.TensorBoard.Schema;

namespace Lockstep.TensorBoard;

/// <summary>The histogram of a parameter's values.</summary>
internal static class WeightHistogram
{
    /// <summary>Buckets of equal width between the least and the greatest value; the number that TensorBoard draws.</summary>
    public const int Buckets = 30;

    /// <summary>Counts the values. All in one bucket where they are equal; none where there are none.</summary>
    /// <param name="values">Finite values.</param>
    public static HistogramProto Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            return new HistogramProto();
        double min = values[0], max = min, sum = 0, squares = 0;
        foreach (float value in values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            sum += value;
            squares += (double)value * value;
        }

        int buckets = min < max ? Buckets : 1;
        double width = (max - min) / buckets;
        double[] counts = new double[buckets];
        foreach (float value in values)
            counts[buckets == 1 ? 0 : Math.Min((int)((value - min) / width), buckets - 1)]++;
        return new HistogramProto
        {
            Min = min,
            Max = max,
            Num = values.Length,
            Sum = sum,
            SumSquares = squares,
            BucketLimit = { Enumerable.Range(1, buckets).Select(bucket => bucket == buckets ? max : min + bucket * width) },
            Bucket = { counts },
        };
    }
}
