using Lockstep.Data.Raw;

namespace Lockstep.Data.Describing;

/// <summary>Columns that give the class away.</summary>
internal static class Leaks
{
    // With fewer rows a column may do so by chance.
    private const int FewestRows = 20, RowsPerValue = 3;

    /// <summary>
    /// Columns that tell the class of every row by themselves: each of their values, several rows each, has one class; or each class has a
    /// range of numbers that no other class reaches into.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="labels">Class of each row.</param>
    /// <param name="label">Name of the column of classes.</param>
    public static IReadOnlyList<string> In(RawTable table, byte[] labels, string label) => labels.Length < FewestRows
        ? []
        : [.. table.Columns.AsParallel().AsOrdered().Where(column => column.Name != label && TellsClass(column, labels))
            .Select(column => column.Name)];

    private static bool TellsClass(RawColumn column, byte[] labels)
    {
        double[] values = new double[labels.Length];
        if (column is TextValues texts)
        {
            for (int row = 0; row < values.Length; row++)
                values[row] = texts.Codes[row];
        }
        else
        {
            ((NumberValues)column).CopyTo(0, values);
        }

        return IsOneToOne(values, labels) || (column is NumberValues && HasRanges(values, labels));
    }

    private static bool IsOneToOne(double[] values, byte[] labels)
    {
        var classes = new Dictionary<double, byte>();
        for (int row = 0; row < values.Length; row++)
        {
            if (!classes.TryAdd(values[row], labels[row]) && classes[values[row]] != labels[row])
                return false;
            if (classes.Count > values.Length / RowsPerValue)
                return false;
        }

        return classes.Count > 1;
    }

    private static bool HasRanges(double[] values, byte[] labels)
    {
        var ranges = new (double Least, double Greatest, int Rows)[byte.MaxValue + 1];
        Array.Fill(ranges, (double.MaxValue, double.MinValue, 0));
        for (int row = 0; row < values.Length; row++)
        {
            if (double.IsNaN(values[row]))
                return false;
            ref (double Least, double Greatest, int Rows) range = ref ranges[labels[row]];
            range = (Math.Min(range.Least, values[row]), Math.Max(range.Greatest, values[row]), range.Rows + 1);
        }

        (double Least, double Greatest, int Rows)[] ordered = [.. ranges.Where(range => range.Rows > 0).OrderBy(range => range.Least)];
        return ordered.Length > 1 && ordered.All(range => range.Rows >= RowsPerValue)
            && Enumerable.Range(1, ordered.Length - 1).All(i => ordered[i - 1].Greatest < ordered[i].Least);
    }
}
