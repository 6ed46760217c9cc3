namespace Lockstep.Data.Raw.Tables;

/// <summary>What the fields of the first row are, and those below.</summary>
/// <param name="first">[columns] the first row.</param>
internal sealed class CsvColumnSample(FieldKind[] first)
{
    private readonly int[] _numbers = new int[first.Length];
    private readonly int[] _texts = new int[first.Length];

    /// <summary>Whether a field of the first row is a text, and all below it are numbers.</summary>
    public bool FirstRowIsSurelyHeader =>
        first.Index().Any(entry => entry.Item == FieldKind.Text && _numbers[entry.Index] > 0 && _texts[entry.Index] == 0);

    /// <summary>Whether the first row is a header: surely, or since none of its fields is a number.</summary>
    public bool FirstRowIsHeader =>
        FirstRowIsSurelyHeader || (first.Contains(FieldKind.Text) && !first.Any(kind => kind is FieldKind.Number or FieldKind.NotFinite));

    /// <summary>Looks at the first rows.</summary>
    /// <param name="head">Beginning of the table; the last row may be cut.</param>
    /// <param name="separator">The separator.</param>
    /// <param name="isWhole">Whether it is the whole table.</param>
    /// <param name="maxRows">Rows to look at.</param>
    public static CsvColumnSample Take(ReadOnlySpan<byte> head, char separator, bool isWhole, int maxRows)
    {
        var scanner = new CsvScanner(head, (byte)separator);
        CsvColumnSample? sample = null;
        var row = new List<FieldKind>();
        for (int rows = 0; rows < maxRows && scanner.NextRow(); rows++)
        {
            row.Clear();
            while (scanner.NextField(out ReadOnlySpan<byte> field) && row.Count < CsvFormat.MaxColumns)
                row.Add(FieldText.Read(field, separator != ',', out _));
            while (scanner.NextField(out _))
            {
            }

            if (!scanner.Terminated && !isWhole)
                break;
            if (sample is null)
                sample = new CsvColumnSample([.. row]);
            else
                sample.Add(row);
        }

        return sample ?? new CsvColumnSample([]);
    }

    /// <summary>[columns] whether at least half of the fields, without missing ones, are numbers.</summary>
    /// <param name="withFirst">Whether the first row counts.</param>
    public bool[] MostlyNumbers(bool withFirst)
    {
        if (withFirst)
            Add(first);
        return [.. _numbers.Zip(_texts, (numbers, texts) => numbers >= texts)];
    }

    private void Add(IReadOnlyList<FieldKind> row)
    {
        for (int column = 0; column < Math.Min(row.Count, first.Length); column++)
        {
            _numbers[column] += row[column] is FieldKind.Number or FieldKind.NotFinite ? 1 : 0;
            _texts[column] += row[column] is FieldKind.Text ? 1 : 0;
        }
    }
}
