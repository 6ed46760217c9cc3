using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// Reads a table of text: fields separated by commas, semicolons, tabs or vertical bars, with or without a header, plain or gzip. The
/// result depends on the file and the kinds of the columns, not on blocks or threads.
/// </summary>
internal static class CsvTable
{
    private const int WideColumns = 4096;
    private const int WideFactor = 16;
    private const int ShownMistakes = 3;

    /// <summary>Reads a table.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="kindOf">Name and position of a column to how it is read.</param>
    /// <param name="reading">How to read; null for the defaults.</param>
    /// <exception cref="DatasetException">The file cannot be read, or is no table that <paramref name="kindOf"/> fits.</exception>
    public static RawTable Read(string path, Func<string, int, ColumnKind> kindOf, TableReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(kindOf);
        reading ??= new TableReading();
        CsvFormat format;
        using (var file = TableFile.Open(path))
            format = CsvFormatFinder.Find(path, CsvHead.Read(file));
        ColumnKind[] asked = [.. format.Names.Select(kindOf)];
        if (asked.All(kind => kind == ColumnKind.Ignored))
            throw Mistake(path, reading.NothingLeft(format.Names));
        // Texts are kept only where the first rows show them, or a first reading of all rows.
        ColumnKind[] kinds = [.. asked.Index().Select(column => column.Item != ColumnKind.Automatic ? column.Item
            : format.MostlyNumbers[column.Index] ? ColumnKind.Numbers
            : ColumnKind.Texts)];
        while (true)
        {
            (ColumnReader?[] columns, RowLines lines) = ReadColumns(path, format, asked, kinds, reading);
            int[] texts = [.. Enumerable.Range(0, columns.Length).Where(column => columns[column] is { IsOfTexts: true })];
            if (texts.Length == 0)
                return Build(path, format, columns, lines);
            foreach (int column in texts)
                kinds[column] = ColumnKind.Texts;
        }
    }

    private static (ColumnReader?[] Columns, RowLines Lines) ReadColumns(
        string path, CsvFormat format, ColumnKind[] asked, ColumnKind[] kinds, TableReading reading)
    {
        ColumnReader?[] columns = [.. kinds.Index().Select(column => column.Item == ColumnKind.Ignored ? null
            : new ColumnReader(
                path, format.Names[column.Index], asked[column.Index], column.Item == ColumnKind.Texts, format.TakesComma))];
        var lines = new RowLines();
        var ragged = new List<(int Line, int Fields)>();
        long raggedRows = 0;
        int kept = columns.Count(column => column is not null);
        foreach (CsvBlock block in Blocks(path, format, kinds, reading))
        {
            raggedRows += block.Ragged;
            ragged.AddRange(block.FirstRagged.Take(ShownMistakes - ragged.Count));
            if (raggedRows > 0)
                continue;
            if ((long)(lines.Rows + (long)block.Rows) * kept > int.MaxValue)
                throw Mistake(path, $"has more than {int.MaxValue:N0} values: {kept:N0} columns of at least {lines.Rows:N0} rows");
            lines.Add(block);
            for (int column = 0; column < columns.Length; column++)
                columns[column]?.Add(block.Columns[column]!, block.Rows);
        }

        if (raggedRows > 0)
            throw Ragged(path, format, raggedRows, ragged);
        return (columns, lines);
    }

    /// <summary>Blocks in the order of the file, parsed by several threads.</summary>
    private static IEnumerable<CsvBlock> Blocks(string path, CsvFormat format, ColumnKind[] kinds, TableReading reading)
    {
        using var file = TableFile.Open(path);
        file.Skip(format.DataStart);
        int blockBytes = kinds.Length > WideColumns ? WideFactor * reading.BlockBytes : reading.BlockBytes;
        var blocks = new CsvBlocks(path, file, format, blockBytes);
        var parsing = new Queue<Task<CsvBlock>>();
        while (true)
        {
            reading.Cancellation.ThrowIfCancellationRequested();
            ReadOnlyMemory<byte> bytes = blocks.Next(out int line);
            if (bytes.IsEmpty)
                break;
            reading.Progress?.Invoke(file.Position, file.Length);
            var parser = new CsvBlockParser(path, bytes, line, format, kinds);
            if (reading.Threads < 2)
            {
                yield return parser.Parse();
                continue;
            }

            parsing.Enqueue(Task.Run(parser.Parse));
            if (parsing.Count > reading.Threads)
                yield return parsing.Dequeue().GetAwaiter().GetResult();
        }

        while (parsing.TryDequeue(out Task<CsvBlock>? block))
            yield return block.GetAwaiter().GetResult();
    }

    private static RawTable Build(string path, CsvFormat format, ColumnReader?[] columns, RowLines lines)
    {
        if (lines.Rows == 0)
            throw Mistake(path, $"has no rows below its header in line {format.HeaderLine}");
        ColumnReader[] read = [.. columns.OfType<ColumnReader>()];
        string[] mistakes = [.. read.Select(column => column.Mistake(lines.LineOf)).OfType<string>()];
        if (mistakes.Length > 0)
            throw Mistakes(path, mistakes);
        FieldPlace? comma = First(read, column => column.FirstComma), point = First(read, column => column.FirstPoint);
        if (comma is not null && point is not null)
        {
            throw Mistake(
                path, $"mixes decimal commas and points: {ForeignText.Quote(comma.Text)} in line {comma.Line}, "
                + $"{ForeignText.Quote(point.Text)} in line {point.Line}; write all numbers with one of them, and without "
                + "thousands separators");
        }

        return new RawTable(path, [.. read.Select(column => column.Build())])
        {
            Names = format.Names,
            PlaceOf = row => $"line {lines.LineOf(row)}",
        };
    }

    private static FieldPlace? First(ColumnReader[] columns, Func<ColumnReader, FieldPlace?> placeOf) =>
        columns.Select(placeOf).OfType<FieldPlace>().MinBy(place => place.Line);

    private static DatasetException Ragged(string path, CsvFormat format, long rows, List<(int Line, int Fields)> first)
    {
        string examples = string.Join(", ", first.Select(row => $"line {row.Line} has {row.Fields:N0}"));
        string more = rows > first.Count ? $", and {rows - first.Count:N0} more" : "";
        string separator = format.Separator == '\t' ? "tab" : $"'{format.Separator}'";
        string where = format.HeaderLine > 0 ? $"the header in line {format.HeaderLine}" : $"line {format.DataLine}";
        return Mistake(
            path, $"has rows with another number of fields than {where}, which has {format.Names.Count:N0}: {examples}{more} (the "
            + $"separator is {separator}); a field that contains it has to be in quotes");
    }

    private static DatasetException Mistakes(string path, string[] mistakes)
    {
        string more = mistakes.Length > ShownMistakes ? $"\n  {mistakes.Length - ShownMistakes:N0} more columns are alike." : "";
        return new DatasetException(
            $"{ForeignText.Printable(path)} {(mistakes.Length == 1 ? "has a mistake" : $"has mistakes in {mistakes.Length:N0} columns")}:"
            + string.Concat(mistakes.Take(ShownMistakes).Select(mistake => "\n  " + mistake)) + more);
    }

    private static DatasetException Mistake(string path, string problem) => new($"{ForeignText.Printable(path)} {problem}.");
}
