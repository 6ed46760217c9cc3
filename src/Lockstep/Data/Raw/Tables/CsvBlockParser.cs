using System.Text;
using System.Text.Unicode;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Parses a block of rows; one instance a block.</summary>
internal sealed class CsvBlockParser
{
    private const int ShownBytes = 100;
    private const int ShownMistakes = 3;

    private readonly string _path;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _firstLine;
    private readonly CsvFormat _format;
    private readonly int _maxRows;
    private readonly CsvColumnBlock?[] _columns;
    private readonly double[]?[] _numbers;
    private readonly Dictionary<string, int>?[] _codes;
    private readonly List<(int Line, int Fields)> _firstRagged = [];
    private readonly int[] _lines;
    private char[] _letters = new char[256];
    private int _rows;
    private int _ragged;

    /// <param name="path">Path of the table, for messages.</param>
    /// <param name="bytes">Whole rows.</param>
    /// <param name="firstLine">Line of the first one.</param>
    /// <param name="format">How the table is written.</param>
    /// <param name="kinds">[columns] how each is read: as numbers, as texts or not at all.</param>
    public CsvBlockParser(string path, ReadOnlyMemory<byte> bytes, int firstLine, CsvFormat format, ColumnKind[] kinds)
    {
        _path = path;
        _bytes = bytes;
        _firstLine = firstLine;
        _format = format;
        // A row has a byte a column at least: a separator, or the end of its line.
        _maxRows = Math.Min(CsvScanner.Lines(bytes.Span), bytes.Length / kinds.Length) + 1;
        _lines = new int[_maxRows];
        _columns = [.. kinds.Select(kind => kind == ColumnKind.Ignored ? null : new CsvColumnBlock())];
        _numbers = [.. kinds.Select(kind => kind == ColumnKind.Numbers ? new double[_maxRows] : null)];
        _codes = new Dictionary<string, int>?[kinds.Length];
        for (int column = 0; column < kinds.Length; column++)
        {
            if (kinds[column] != ColumnKind.Texts)
                continue;
            _codes[column] = new Dictionary<string, int>(StringComparer.Ordinal);
            _columns[column]!.Codes = new int[_maxRows];
        }
    }

    /// <summary>Parses the rows.</summary>
    /// <exception cref="DatasetException">They are no text.</exception>
    public CsvBlock Parse()
    {
        int nul = _bytes.Span.IndexOf((byte)0);
        if (nul >= 0)
            throw Mistake(_firstLine + CsvScanner.Lines(_bytes.Span[..nul]), "has a byte of value 0; expected text");
        var scanner = new CsvScanner(_bytes.Span, (byte)_format.Separator);
        while (scanner.NextRow())
        {
            int line = _firstLine + scanner.RowLine, fields = 0;
            for (; scanner.NextField(out ReadOnlySpan<byte> field); fields++)
            {
                if (fields < _columns.Length && _columns[fields] is { } column)
                    Add(column, fields, field, line);
            }

            if (scanner.Unclosed)
                throw Mistake(line, "has a quote that nothing closes up to the end of the file");
            if (fields == _columns.Length)
                _lines[_rows++] = line;
            else if (_ragged++ < ShownMistakes)
                _firstRagged.Add((line, fields));
        }

        for (int column = 0; column < _columns.Length; column++)
            Finish(column);
        bool regular = _rows == 0 || _lines[_rows - 1] - _lines[0] == _rows - 1;
        return new CsvBlock(
            _rows, _rows == 0 ? _firstLine : _lines[0], regular ? null : _lines[.._rows], _columns, _ragged, _firstRagged);
    }

    private void Add(CsvColumnBlock column, int index, ReadOnlySpan<byte> field, int line)
    {
        if (column.Codes is { } codes)
        {
            codes[_rows] = FieldText.IsMissing(field) ? -1 : CodeOf(column, index, field, line);
            return;
        }

        FieldKind kind = FieldText.Read(field, _format.TakesComma, out double value);
        _numbers[index]![_rows] = value;
        if (kind == FieldKind.Number)
        {
            if (!column.IsUngrouped)
                LookForGroups(column, field, value, line);
            if (!_format.TakesComma)
                return;
            if (field.Contains((byte)','))
                column.FirstComma ??= Place(field, line);
            else if (field.Contains((byte)'.'))
                column.FirstPoint ??= Place(field, line);
        }
        else if (kind == FieldKind.Text)
        {
            column.Others++;
            column.FirstOther ??= Place(field, line);
        }
        else if (kind == FieldKind.NotFinite)
        {
            column.NotFinite++;
            column.FirstNotFinite ??= Place(field, line);
        }
    }

    private static void LookForGroups(CsvColumnBlock column, ReadOnlySpan<byte> field, double value, int line)
    {
        ReadOnlySpan<byte> digits = field.Trim(" \t+-"u8);
        int mark = digits.IndexOfAny((byte)',', (byte)'.');
        if (mark is 1 or 2 or 3 && digits.Length == mark + 4 && digits[0] != '0'
            && digits[(mark + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            column.FirstGrouped ??= Place(field, line);
        else if (mark < 0 && Math.Abs(value) < 1000)
            column.HasSmall = true;
        else
            column.IsUngrouped = true;
    }

    private int CodeOf(CsvColumnBlock column, int index, ReadOnlySpan<byte> field, int line)
    {
        if (_letters.Length < field.Length)
            _letters = new char[2 * field.Length];
        if (Utf8.ToUtf16(field, _letters, out _, out int length, replaceInvalidSequences: false) != System.Buffers.OperationStatus.Done)
            throw Mistake(line, $"is not UTF-8; {ColumnAdvice.ToUtf8(_path)}");
        ReadOnlySpan<char> text = _letters.AsSpan(0, length);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> known = _codes[index]!.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(text, out int code))
            return code;
        known[text] = column.Texts.Count;
        column.Texts.Add(text.ToString());
        return column.Texts.Count - 1;
    }

    private void Finish(int index)
    {
        if (_columns[index] is not { } column)
            return;
        if (column.Codes is { } codes)
        {
            column.Codes = codes[.._rows];
            column.Missing = column.Codes.AsSpan().Count(-1);
            return;
        }

        ReadOnlySpan<double> values = _numbers[index].AsSpan(0, _rows);
        column.Numbers = PackedNumbers.Pack(values);
        foreach (double value in values)
            column.Missing += double.IsNaN(value) ? 1 : 0;
    }

    private static FieldPlace Place(ReadOnlySpan<byte> field, int line) =>
        new(line, Encoding.UTF8.GetString(field[..Math.Min(field.Length, ShownBytes)]));

    private DatasetException Mistake(int line, string problem) => new($"{ForeignText.Printable(_path)}: line {line} {problem}.");
}
