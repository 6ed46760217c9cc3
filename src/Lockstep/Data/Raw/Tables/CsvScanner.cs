using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// Splits rows into fields. A quote opens a field only at its beginning; inside, a doubled quote is a quote, and separators and line ends
/// are text (RFC 4180). A quote anywhere else is text, and so is what follows a closing quote, as in Python's csv module and pandas. Blanks
/// around fields without quotes are dropped. Blank lines are skipped.
/// </summary>
/// <param name="bytes">Whole rows of UTF-8.</param>
/// <param name="separator">The byte between fields.</param>
internal ref struct CsvScanner(ReadOnlySpan<byte> bytes, byte separator)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly byte _separator = separator;
    private ArrayBufferWriter<byte>? _unquoted;
    private bool _inRow;

    // Separators and line ends in the 32 bytes from the window on, a bit each.
    private int _window = -Vector256<byte>.Count;
    private uint _ends;

    /// <summary>Offset of what was not read yet.</summary>
    public int Position { get; private set; }

    /// <summary>Line ends before <see cref="Position"/>.</summary>
    public int Line { get; private set; }

    /// <summary>Line ends before the row.</summary>
    public int RowLine { get; private set; }

    /// <summary>Whether a line end followed the last row; the last row of a file may lack it.</summary>
    public bool Terminated { get; private set; }

    /// <summary>Whether the last field opened a quote that nothing closes.</summary>
    public bool Unclosed { get; private set; }

    /// <summary>Goes on to the next row, whose fields must all be read before the next one.</summary>
    /// <returns>False at the end.</returns>
    public bool NextRow()
    {
        while (Position < _bytes.Length)
        {
            int end = Position;
            while (end < _bytes.Length && IsBlank(_bytes[end]))
                end++;
            if (end < _bytes.Length && _bytes[end] is not ((byte)'\n' or (byte)'\r'))
            {
                RowLine = Line;
                _inRow = true;
                Terminated = false;
                return true;
            }

            EndLine(end);
        }

        return false;
    }

    /// <summary>Reads a field of the row.</summary>
    /// <param name="field">Receives its text, valid until the next call.</param>
    /// <returns>False at the end of the row.</returns>
    public bool NextField(out ReadOnlySpan<byte> field)
    {
        if (!_inRow)
        {
            field = default;
            return false;
        }

        int start = Position;
        while (start < _bytes.Length && IsBlank(_bytes[start]))
            start++;
        if (start < _bytes.Length && _bytes[start] == '"')
        {
            field = Quoted(start + 1);
            return true;
        }

        int end = EndOf(start);
        field = _bytes[start..end];
        while (!field.IsEmpty && field[^1] is (byte)' ' or (byte)'\t')
            field = field[..^1];
        EndField(end);
        return true;
    }

    /// <summary>Line ends in a text: <c>\n</c>, <c>\r\n</c> or <c>\r</c>.</summary>
    public static int Lines(ReadOnlySpan<byte> text)
    {
        int lines = text.Count((byte)'\n');
        for (int i; (i = text.IndexOf((byte)'\r')) >= 0; text = text[(i + 1)..])
            lines += i + 1 < text.Length && text[i + 1] == '\n' ? 0 : 1;
        return lines;
    }

    private readonly bool IsBlank(byte letter) => letter is (byte)' ' or (byte)'\t' && letter != _separator;

    /// <summary>Where a field ends; fields are short, so the ends within 32 bytes are found at once.</summary>
    private int EndOf(int start)
    {
        uint ends = start - _window < Vector256<byte>.Count ? _ends & (uint.MaxValue << (start - _window)) : 0;
        for (int next = Math.Max(start, _window + Vector256<byte>.Count); ends == 0; next += Vector256<byte>.Count)
        {
            if (next > _bytes.Length - Vector256<byte>.Count)
            {
                int length = _bytes[next..].IndexOfAny(_separator, (byte)'\n', (byte)'\r');
                return length < 0 ? _bytes.Length : next + length;
            }

            var bytes = Vector256.Create(_bytes[next..]);
            ends = (Vector256.Equals(bytes, Vector256.Create(_separator)) | Vector256.Equals(bytes, Vector256.Create((byte)'\n'))
                | Vector256.Equals(bytes, Vector256.Create((byte)'\r'))).ExtractMostSignificantBits();
            _ends = ends;
            _window = next;
        }

        return _window + BitOperations.TrailingZeroCount(ends);
    }

    private ReadOnlySpan<byte> Quoted(int start)
    {
        _unquoted?.ResetWrittenCount();
        for (int from = start; ;)
        {
            int length = _bytes[from..].IndexOf((byte)'"');
            int quote = length < 0 ? _bytes.Length : from + length;
            if (length >= 0 && quote + 1 < _bytes.Length && _bytes[quote + 1] == '"')
            {
                Keep(_bytes[from..(quote + 1)]);
                from = quote + 2;
                continue;
            }

            Unclosed |= length < 0;
            int after = Math.Min(quote + 1, _bytes.Length), end = EndOf(after);
            Line += Lines(_bytes[start..quote]);
            ReadOnlySpan<byte> field = _bytes[from..quote], rest = _bytes[after..end].TrimEnd(" \t"u8);
            if (from != start || !rest.IsEmpty)
            {
                Keep(field);
                Keep(rest);
                field = _unquoted!.WrittenSpan;
            }

            EndField(end);
            return field;
        }
    }

    private void Keep(ReadOnlySpan<byte> text) => (_unquoted ??= new ArrayBufferWriter<byte>()).Write(text);

    private void EndField(int end)
    {
        if (end < _bytes.Length && _bytes[end] == _separator)
        {
            Position = end + 1;
            return;
        }

        _inRow = false;
        EndLine(end);
    }

    private void EndLine(int end)
    {
        Position = end;
        if (end == _bytes.Length)
            return;
        Terminated = true;
        Line++;
        Position += _bytes[end] == '\r' && end + 1 < _bytes.Length && _bytes[end + 1] == '\n' ? 2 : 1;
    }
}
