using System.Globalization;
using System.Text;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Reads a table of numbers, as <c>numpy.savetxt</c> and spreadsheets save it. Numbers are separated by what a first line such as
/// <c>sep=;</c> says, else by semicolons, commas or blanks, whichever of these, in this order, the first row has; tabs are blanks. They may
/// be in quotes, and have a decimal comma where that is no separator. Blank lines and lines that begin with <c>#</c> are passed over.
/// Memory grows with the numbers only.
/// </summary>
/// <param name="reader">The text.</param>
/// <param name="file">Its name, for errors.</param>
internal sealed class CsvNumbers(TextReader reader, string file)
{
    private const int MaxNumberCharacters = 64, HeadCharacters = 4096;
    private const char Blank = ' ';

    private readonly List<float> _values = [];
    private readonly StringBuilder _number = new();
    private char _separator;
    private string _head = "";
    private int _at, _line = 1, _rows, _columns, _inRow;

    /// <summary>Reads the whole text.</summary>
    /// <returns>Shape and values, row by row; one row is a vector.</returns>
    /// <exception cref="InterchangeException">It is not a table of numbers.</exception>
    public (int[] Shape, float[] Values) Read()
    {
        char[] head = new char[HeadCharacters];
        _head = new string(head, 0, reader.ReadBlock(head));
        if (SeparatorLine.Find(_head) is { } told)
            (_separator, _at, _line) = (told.Separator == '\t' ? Blank : told.Separator, told.Length, 2);
        else
            _separator = FindSeparator(_head);
        bool inQuotes = false;
        for (int letter = Next(); letter >= 0; letter = Next())
        {
            if (letter == '#' && _inRow == 0 && IsBlank)
            {
                while (letter is not '\n' && letter >= 0)
                    letter = Next();
                inQuotes = false;
            }

            if (letter is '\n' || letter < 0)
            {
                EndNumber();
                EndRow();
                inQuotes = false;
            }
            else if (!inQuotes && (letter == _separator || _separator == Blank && letter == '\t'))
            {
                EndNumber(isSeparated: true);
            }
            else
            {
                inQuotes ^= letter == '"';
                if (_number.Append((char)letter).Length > MaxNumberCharacters)
                    throw Mistake($"has {ForeignText.Quote(_number.ToString())} in line {_line}; expected a number");
            }
        }

        EndNumber();
        EndRow();
        return _rows == 0 ? throw Mistake("is empty; expected numbers") : (_rows == 1 ? [_columns] : [_rows, _columns], [.. _values]);
    }

    private bool IsBlank
    {
        get
        {
            for (int i = 0; i < _number.Length; i++)
            {
                if (!char.IsWhiteSpace(_number[i]))
                    return false;
            }

            return true;
        }
    }

    private static char FindSeparator(string head)
    {
        string first = head.Split(['\n', '\r']).FirstOrDefault(line => line.Trim() is { Length: > 0 } text && text[0] != '#', "").Trim();
        return first.Contains(';', StringComparison.Ordinal) ? ';'
            : first.Contains(',', StringComparison.Ordinal) || !first.Any(char.IsWhiteSpace) ? ','
            : Blank;
    }

    // Ends of lines of all systems are one character.
    private int Next()
    {
        int letter = Take();
        if (letter != '\r')
            return letter;
        if ((_at < _head.Length ? _head[_at] : reader.Peek()) == '\n')
            _ = Take();
        return '\n';

        int Take() => _at < _head.Length ? _head[_at++] : reader.Read();
    }

    private void EndNumber(bool isSeparated = false)
    {
        string text = _number.ToString().Trim();
        _ = _number.Clear();
        // Of blanks, one separates as many do; a row without numbers is no row.
        if (text.Length == 0 && (_separator == Blank || _inRow == 0 && !isSeparated))
            return;
        _values.Add(Number(text));
        _inRow++;
        if (_values.Count > ModelSpec.MaxParameters)
            throw new InterchangeException(
                InterchangeError.TooLarge, file, $"has more than {ModelSpec.MaxParameters:N0} numbers, the maximum of a model.");
    }

    private void EndRow()
    {
        if (_inRow > 0)
        {
            if (_rows > 0 && _inRow != _columns)
                throw Mistake($"has {_inRow} numbers in line {_line} and {_columns} in the lines before; expected the same");
            (_columns, _inRow) = (_inRow, 0);
            _rows++;
        }

        _line++;
    }

    private float Number(string text)
    {
        bool isQuoted = text is ['"', _, .., '"'];
        string bare = isQuoted ? text[1..^1].Trim() : text;
        if (bare.TrimStart('+', '-').ToUpperInvariant() is "INF" or "INFINITY")
            return float.PositiveInfinity;
        if ((isQuoted || _separator != ',') && !bare.Contains('.', StringComparison.Ordinal))
            bare = bare.Replace(',', '.');
        if (!float.TryParse(bare, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
            throw Mistake(
                $"has {ForeignText.Quote(text)} in line {_line}; expected numbers only, separated by commas, semicolons or blanks");
        return float.IsInfinity(value)
            ? throw Mistake($"has {ForeignText.Quote(text)} in line {_line}, which is too large for a float32")
            : value;
    }

    private InterchangeException Mistake(string problem) => new(InterchangeError.Invalid, file, problem + ".");
}
