namespace Lockstep.Data.Raw.Tables;

/// <summary>How well a separator fits the first rows.</summary>
/// <param name="Separator">The separator.</param>
/// <param name="Rows">Rows that were looked at.</param>
/// <param name="FirstRowFields">Fields of the first one.</param>
/// <param name="Columns">Fields that most rows have.</param>
/// <param name="Agreement">Share of the rows that have so many.</param>
/// <param name="NumberShare">Share of the fields that are numbers, or missing.</param>
internal sealed record CsvSample(char Separator, int Rows, int FirstRowFields, int Columns, double Agreement, double NumberShare)
{
    /// <summary>Splits the first rows.</summary>
    /// <param name="head">Beginning of the table; the last row may be cut.</param>
    /// <param name="separator">The separator.</param>
    /// <param name="isWhole">Whether it is the whole table.</param>
    /// <param name="maxRows">Rows to look at.</param>
    public static CsvSample Take(ReadOnlySpan<byte> head, char separator, bool isWhole, int maxRows)
    {
        var scanner = new CsvScanner(head, (byte)separator);
        var widths = new Dictionary<int, int>();
        int rows = 0, first = 0;
        long fields = 0, numbers = 0;
        while (rows < maxRows && scanner.NextRow())
        {
            int width = 0, rowNumbers = 0;
            for (; scanner.NextField(out ReadOnlySpan<byte> field); width++)
                rowNumbers += FieldText.Read(field, separator != ',', out _) is FieldKind.Text ? 0 : 1;
            if (!scanner.Terminated && !isWhole)
                break;
            first = rows++ == 0 ? width : first;
            widths[width] = widths.GetValueOrDefault(width) + 1;
            fields += width;
            numbers += rowNumbers;
        }

        if (rows == 0)
            return new CsvSample(separator, 0, 0, 0, 0, 0);
        (int columns, int count) = widths.MaxBy(entry => (entry.Value, entry.Key));
        return new CsvSample(separator, rows, first, columns, (double)count / rows, (double)numbers / fields);
    }
}
