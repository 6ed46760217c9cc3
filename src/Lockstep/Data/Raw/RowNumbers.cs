using System.Collections;

namespace Lockstep.Data.Raw;

/// <summary>Columns that number the rows of a table.</summary>
internal static class RowNumbers
{
    private const int Fewest = 20, Block = 256;

    /// <summary>Whether a column holds n consecutive whole numbers in any order, as an index or an identity does.</summary>
    /// <param name="column">The column. One of fewer than 20 rows is taken for a quantity.</param>
    public static bool Are(RawColumn column)
    {
        if (column is not NumberValues numbers || numbers.Count < Fewest || numbers.Missing > 0)
            return false;
        // No two of them are further apart than there are rows. Most other columns repeat a number within a few rows.
        int most = numbers.Count - 1;
        var seen = new BitArray(2 * most + 1);
        double first = double.NaN, least = double.PositiveInfinity, greatest = double.NegativeInfinity;
        double[] values = new double[Block];
        for (int row = 0; row < numbers.Count; row += Block)
        {
            Span<double> block = values.AsSpan(0, Math.Min(Block, numbers.Count - row));
            numbers.CopyTo(row, block);
            foreach (double value in block)
            {
                first = double.IsNaN(first) ? value : first;
                double apart = value - first;
                if (value != Math.Truncate(value) || !(Math.Abs(apart) <= most) || seen[(int)apart + most])
                    return false;
                seen[(int)apart + most] = true;
                (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
            }
        }

        return greatest - least == most;
    }
}
