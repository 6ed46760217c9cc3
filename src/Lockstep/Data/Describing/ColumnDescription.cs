using Lockstep.Data.Raw;

namespace Lockstep.Data.Describing;

/// <summary>What is in a column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsText">Whether it holds texts; otherwise numbers.</param>
/// <param name="Missing">Rows without a value.</param>
/// <param name="Least">The least number; NaN for texts, or without a value.</param>
/// <param name="Greatest">The greatest number; NaN for texts, or without a value.</param>
/// <param name="Mean">Mean of the numbers.</param>
/// <param name="Different">Number of different values.</param>
/// <param name="Common">Of texts the most frequent ones, each with its number of rows.</param>
internal sealed record ColumnDescription(
    string Name, bool IsText, int Missing, double Least, double Greatest, double Mean, int Different,
    IReadOnlyList<(string Text, int Rows)> Common)
{
    private const int MostCommon = 5, Block = 8192;

    /// <summary>Describes a column.</summary>
    public static ColumnDescription Of(RawColumn column) => column is TextValues texts ? OfTexts(texts) : OfNumbers((NumberValues)column);

    private static ColumnDescription OfTexts(TextValues column)
    {
        int[] rows = new int[column.Texts.Count];
        foreach (int code in column.Codes)
        {
            if (code >= 0)
                rows[code]++;
        }

        return new ColumnDescription(
            column.Name, IsText: true, column.Missing, double.NaN, double.NaN, double.NaN, column.Texts.Count,
            [.. column.Texts.Zip(rows).OrderByDescending(text => text.Second).ThenBy(text => text.First, StringComparer.Ordinal)
                .Take(MostCommon)]);
    }

    private static ColumnDescription OfNumbers(NumberValues column)
    {
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity, sum = 0;
        var different = new HashSet<double>();
        double[] values = new double[Block];
        for (int first = 0; first < column.Count; first += Block)
        {
            Span<double> block = values.AsSpan(0, Math.Min(Block, column.Count - first));
            column.CopyTo(first, block);
            foreach (double value in block)
            {
                if (double.IsNaN(value))
                    continue;
                least = Math.Min(least, value);
                greatest = Math.Max(greatest, value);
                sum += value;
                _ = different.Add(value);
            }
        }

        int count = column.Count - column.Missing;
        return new ColumnDescription(
            column.Name, IsText: false, column.Missing, count == 0 ? double.NaN : least, count == 0 ? double.NaN : greatest, sum / count,
            different.Count, []);
    }
}
