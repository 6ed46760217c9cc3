using Lockstep.Data.Raw;

namespace Lockstep.Data.Preparing;

/// <summary>Mean and deviation of columns.</summary>
internal static class ColumnStatistics
{
    private const int Block = 4096;

    /// <summary>
    /// <c>mean = Σx / n</c> and <c>deviation = sqrt(Σ(x - mean)² / n)</c> over the rows that have a value, in double precision in the order
    /// of the rows. A column without a value has the mean 0; one whose values are all equal has the deviation 1.
    /// </summary>
    /// <param name="column">The column.</param>
    /// <param name="rows">Ascending rows.</param>
    public static (double Mean, double Deviation) Of(NumberValues column, int[] rows)
    {
        double sum = 0;
        int count = 0;
        Visit(column, rows, x =>
        {
            sum += x;
            count++;
        });
        if (count == 0)
            return (0, 1);
        double mean = sum / count, squares = 0;
        Visit(column, rows, x => squares += (x - mean) * (x - mean));
        double deviation = Math.Sqrt(squares / count);
        return (mean, deviation == 0 ? 1 : deviation);
    }

    private static void Visit(NumberValues column, int[] rows, Action<double> visit)
    {
        double[] values = new double[Block];
        for (int i = 0; i < rows.Length;)
        {
            int first = rows[i], count = Math.Min(Block, column.Count - first);
            column.CopyTo(first, values.AsSpan(0, count));
            for (; i < rows.Length && rows[i] < first + count; i++)
            {
                if (!double.IsNaN(values[rows[i] - first]))
                    visit(values[rows[i] - first]);
            }
        }
    }
}
