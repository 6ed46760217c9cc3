using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Finds separator and header from the first rows of a table.</summary>
internal sealed class CsvFormatFinder
{
    private const int SampledRows = 1_000, LookedAtBytes = 1 << 14, LookedAtLines = 10;

    private readonly string _path;
    private readonly CsvHead _head;

    private CsvFormatFinder(string path, CsvHead head)
    {
        _path = ForeignText.Printable(path);
        _head = head;
    }

    /// <summary>Finds the format.</summary>
    /// <param name="path">Path of the table, for messages.</param>
    /// <param name="head">Its beginning.</param>
    /// <exception cref="DatasetException">It is no table.</exception>
    public static CsvFormat Find(string path, CsvHead head) => new CsvFormatFinder(path, head).Find();

    private CsvFormat Find()
    {
        int nul = _head.Bytes.Span.IndexOf((byte)0);
        if (nul >= 0)
            throw Mistake(WideEncoding(_head.Bytes.Span) is { } wide
                ? $"looks like UTF-16 without a byte order mark; {ColumnAdvice.ToUtf8(_path, wide)}"
                : $"is no table of text: line {CsvScanner.Lines(_head.Bytes.Span[..nul]) + 1} has a byte of value 0");
        SeparatorLine? told = SeparatorLine.Find(
            Encoding.Latin1.GetString(_head.Bytes.Span[..Math.Min(SeparatorLine.HeadLength, _head.Bytes.Length)]));
        int start = PassComments(told?.Length ?? 0, out int line, out ReadOnlyMemory<byte> comment, out int commentLine);
        ReadOnlyMemory<byte> rows = _head.Bytes[start..];
        string separators = told is { } only ? $"{only.Separator}" : ",\t;|";
        var samples = separators.Select(separator => CsvSample.Take(rows.Span, separator, _head.IsWhole, SampledRows)).ToList();
        CsvSample sample = samples.Where(sample => sample.Columns > 1).OrderByDescending(sample => sample.Agreement)
            .ThenByDescending(sample => sample.NumberShare).ThenByDescending(sample => sample.Columns).FirstOrDefault() ?? samples[0];
        if (sample.Rows == 0 && comment.IsEmpty)
            throw _head.IsWhole ? Mistake("has no rows")
                : Mistake($"has a line of more than {CsvFormat.MaxRowBytes >> 20} MiB; is it a table?");
        if (sample.FirstRowFields > CsvFormat.MaxColumns)
            throw Mistake($"has {sample.FirstRowFields:N0} columns; the maximum is {CsvFormat.MaxColumns:N0}");
        if (sample.Columns < 2 && told is null)
            RefuseBlanks(rows.Span, line);
        RefuseTitle(rows.Span, sample.Separator, line);
        return Header(sample, rows, start, line, comment, commentLine);
    }

    private CsvFormat Header(
        CsvSample sample, ReadOnlyMemory<byte> rows, int start, int line, ReadOnlyMemory<byte> comment, int commentLine)
    {
        CsvColumnSample columns = CsvColumnSample.Take(rows.Span, sample.Separator, _head.IsWhole, SampledRows);
        List<string> titles = comment.IsEmpty ? [] : Fields(CommentText(comment.Span), sample.Separator, commentLine);
        bool commented = !columns.FirstRowIsSurelyHeader && sample.FirstRowFields > 1 && titles.Count == sample.FirstRowFields;
        if (commented && titles[0].Length == 0)
            titles[0] = "#";
        bool header = !commented && columns.FirstRowIsHeader;
        var scanner = new CsvScanner(rows.Span, (byte)sample.Separator);
        _ = scanner.NextRow();
        int headerLine = commented ? commentLine : header ? line + scanner.RowLine : 0;
        if (!header)
        {
            string[] numbered = [.. Enumerable.Range(1, sample.FirstRowFields).Select(column => $"column{column}")];
            return new CsvFormat(
                sample.Separator, commented ? Names(titles, headerLine) : numbered, headerLine, start, line,
                columns.MostlyNumbers(withFirst: true));
        }

        while (scanner.NextField(out _))
        {
        }

        if (scanner.Unclosed)
            throw Mistake($"has a quote in line {headerLine} that nothing closes");
        List<string> names = Fields(rows.Span[..scanner.Position], sample.Separator, headerLine);
        return new CsvFormat(
            sample.Separator, Names(names, headerLine), headerLine, start + scanner.Position, line + scanner.Line,
            columns.MostlyNumbers(withFirst: false));
    }

    /// <summary>
    /// Values with blanks between them are not one column: numbers, as numpy.savetxt writes them if no separator is given, or as many in
    /// each line as the first has names.
    /// </summary>
    private void RefuseBlanks(ReadOnlySpan<byte> rows, int line)
    {
        string[][] lines = [.. Encoding.UTF8.GetString(rows[..Math.Min(rows.Length, LookedAtBytes)])
            .Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Take(LookedAtLines)
            .Select(text => text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))];
        if (lines.Length == 0 || lines[0].Length < 2)
            return;
        const string Expected = "expected commas, semicolons, tabs or '|'";
        if (lines[0].All(IsNumber))
            throw Mistake(
                $"has blanks between the numbers of line {line}; {Expected}. With numpy, write it by savetxt(..., delimiter=',')");
        if (lines.Length > 2 && lines[1..^1].All(parts => parts.Length == lines[0].Length && parts.Any(IsNumber)))
            throw Mistake($"has its {lines[0].Length} columns separated by blanks; {Expected}");
    }

    /// <summary>Lines with a title above the names of the columns, as spreadsheets have it.</summary>
    private void RefuseTitle(ReadOnlySpan<byte> rows, char separator, int line)
    {
        var scanner = new CsvScanner(rows, (byte)separator);
        var found = new List<(int Line, string[] Fields)>();
        while (found.Count < LookedAtLines && scanner.NextRow())
        {
            var fields = new List<string>();
            while (scanner.NextField(out ReadOnlySpan<byte> field))
                fields.Add(Encoding.UTF8.GetString(field));
            found.Add((line + scanner.RowLine, [.. fields]));
        }

        int titles = found.TakeWhile(row => row.Fields.Skip(1).All(field => field.Length == 0) && !IsNumber(row.Fields[0])).Count();
        if (titles == 0 || found[0].Fields[0].Length == 0 || found.Count < titles + 2)
            return;
        ((int nameLine, string[] names), (_, string[] values)) = (found[titles], found[titles + 1]);
        if (names.Length < 2 || names.Any(field => field.Length == 0 || IsNumber(field)) || values.Length != names.Length
            || !values.Any(IsNumber))
            return;
        string lines = titles == 1 ? $"line {found[0].Line}" : $"lines {found[0].Line} to {found[titles - 1].Line}";
        throw Mistake($"has a title above its columns, whose names are in line {nameLine}; remove {lines}");
    }

    private static bool IsNumber(string text) =>
        FieldText.Read(Encoding.UTF8.GetBytes(text), takesComma: true, out _) == FieldKind.Number;

    /// <summary>Passes lines over that begin with <c>#</c>; the last one may be the header, as numpy writes it.</summary>
    private int PassComments(int start, out int line, out ReadOnlyMemory<byte> comment, out int commentLine)
    {
        (line, comment, commentLine) = (start > 0 ? 2 : 1, default, 0);
        while (_head.Bytes.Span[start..] is { IsEmpty: false } rest && (rest[0] == '#' || rest[0] is (byte)'\n' or (byte)'\r'))
        {
            int length = rest.IndexOfAny((byte)'\n', (byte)'\r');
            if (length < 0 && !_head.IsWhole)
                throw Mistake($"has a line of more than {CsvFormat.MaxRowBytes >> 20} MiB; is it a table?");
            length = length < 0 ? rest.Length : length;
            if (rest[0] == '#')
                (comment, commentLine) = (_head.Bytes.Slice(start, length), line);
            start += length;
            if (length < rest.Length)
            {
                start += rest[length..].StartsWith("\r\n"u8) ? 2 : 1;
                line++;
            }
        }

        return start;
    }

    private static ReadOnlySpan<byte> CommentText(ReadOnlySpan<byte> comment) => comment[1..].TrimStart(" \t"u8);

    private List<string> Fields(ReadOnlySpan<byte> row, char separator, int line)
    {
        var names = new List<string>();
        var scanner = new CsvScanner(row, (byte)separator);
        if (!scanner.NextRow())
            return names;
        while (scanner.NextField(out ReadOnlySpan<byte> field) && names.Count <= CsvFormat.MaxColumns)
        {
            try
            {
                names.Add(StrictUtf8.GetString(field).Trim());
            }
            catch (DecoderFallbackException)
            {
                throw Mistake($"is not UTF-8 in line {line}; {ColumnAdvice.ToUtf8(_path)}");
            }
        }

        return names;
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A column without a name gets its number, as pandas' index column does.</summary>
    private List<string> Names(List<string> names, int line)
    {
        names = [.. names.Select((name, column) => name.Length > 0 ? name : $"column{column + 1}")];
        string[] twice = [.. names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => ForeignText.Quote(group.Key))];
        return twice.Length == 0
            ? names
            : throw Mistake(
                $"names {string.Join(", ", twice.Take(3))}{(twice.Length > 3 ? $" and {twice.Length - 3:N0} more" : "")} more than once "
                + $"in line {line}; give each column a name of its own");
    }

    // In UTF-16, the separators and digits at least have a byte of value 0 each, all on the same side.
    private static string? WideEncoding(ReadOnlySpan<byte> head)
    {
        Span<int> zeros = stackalloc int[2];
        for (int i = 0; i < head.Length; i++)
            zeros[i & 1] += head[i] == 0 ? 1 : 0;
        if ((zeros[0] > 0 && zeros[1] > 0) || zeros[0] + zeros[1] < head.Length / 4)
            return null;
        return zeros[1] > 0 ? "utf-16le" : "utf-16be";
    }

    private DatasetException Mistake(string problem) => new($"{_path} {problem}.");
}
