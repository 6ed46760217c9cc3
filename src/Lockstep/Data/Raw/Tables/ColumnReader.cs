using System.Globalization;
using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Puts the blocks of a column together, and decides whether it is one of numbers or of texts.</summary>
/// <param name="path">Path of the file, for messages.</param>
/// <param name="name">Its name.</param>
/// <param name="asked">How the caller wants it.</param>
/// <param name="asTexts">Whether its blocks have texts.</param>
/// <param name="takesComma">Whether <c>1,5</c> is a number.</param>
internal sealed class ColumnReader(string path, string name, ColumnKind asked, bool asTexts, bool takesComma)
{
    private readonly List<Array> _numbers = [];
    private readonly List<int[]> _codes = [];
    private readonly TextCodes _texts = new(path, name);
    private int _rows;
    private int _missing;
    private long _others;
    private FieldPlace? _firstOther;
    private FieldPlace? _firstNotFinite;
    private FieldPlace? _firstGrouped;
    private bool _hasSmall, _isUngrouped;

    /// <summary>First number with a decimal comma.</summary>
    public FieldPlace? FirstComma { get; private set; }

    /// <summary>First number with a decimal point.</summary>
    public FieldPlace? FirstPoint { get; private set; }

    /// <summary>Whether no row has a value.</summary>
    public bool IsEmpty => _missing == _rows;

    /// <summary>Adds the next block.</summary>
    /// <exception cref="DatasetException">The column has too many texts.</exception>
    public void Add(CsvColumnBlock block, int rows)
    {
        _rows += rows;
        _missing += block.Missing;
        if (block.Numbers is { } numbers)
            _numbers.Add(numbers);
        else
            AddTexts(block);
        // A missing value and a text are both NaN.
        _missing -= block.Others + block.NotFinite;
        _others += block.Others;
        _firstOther ??= block.FirstOther;
        _firstNotFinite ??= block.FirstNotFinite;
        _firstGrouped ??= block.FirstGrouped;
        _hasSmall |= block.HasSmall;
        _isUngrouped |= block.IsUngrouped;
        FirstComma ??= block.FirstComma;
        FirstPoint ??= block.FirstPoint;
    }

    /// <summary>Whether the column has to be read again as texts, since fewer than half of its fields are numbers.</summary>
    public bool IsOfTexts => !asTexts && asked == ColumnKind.Automatic && _others > 0 && 2 * _others > _rows - _missing;

    /// <summary>What is wrong with the column; null if nothing is.</summary>
    /// <param name="lineOf">Line of a row.</param>
    public string? Mistake(Func<int, int> lineOf)
    {
        if (asTexts && asked == ColumnKind.Automatic)
            CountNumbers(lineOf);
        string column = ForeignText.Quote(name);
        long known = _rows - _missing;
        if (asTexts && (_others == 0 || 2 * _others > known))
            return null;
        if (_others > 0)
        {
            string advice = asked == ColumnKind.Numbers
                ? "Correct the file; numbers are needed here, as a target or as what the model was trained on"
                    + (_others == known ? " (texts are predicted with --label)." : ".")
                : $"Correct the file, read the column as texts ({ColumnAdvice.Categorical(name)}), or leave it out "
                + $"({ColumnAdvice.Ignore(name)}).";
            string what = _others == known ? "has texts" : $"has numbers, and in {_others:N0} of {known:N0} rows other texts";
            return $"column {column} {what}, the first "
                + $"{ForeignText.Quote(_firstOther!.Text)} in line {_firstOther.Line}{Hint(_firstOther.Text)}. {advice}";
        }

        return _firstNotFinite is { } place
            ? $"column {column} has {ForeignText.Quote(place.Text)} in line {place.Line}; expected finite numbers. "
                + "Correct the file, or leave the field empty for a missing value."
            : null;
    }

    /// <summary>The whole column.</summary>
    public RawColumn Build() => asTexts
        ? new TextValues(name, _texts.Texts, [.. _codes.SelectMany(codes => codes)])
        : new PackedNumbers(name, _numbers, _missing) { Doubt = Doubt };

    private string? Doubt => _isUngrouped || !_hasSmall || _firstGrouped is not { } place ? null
        : $"{ForeignText.Quote(name)} has {ForeignText.Quote(place.Text)} in line {place.Line}, which is read with three decimals. If "
            + "thousands are meant, write its numbers without separators.";

    private void AddTexts(CsvColumnBlock block)
    {
        int[] codes = [.. block.Texts.Select(_texts.CodeOf)];
        for (int row = 0; row < block.Codes!.Length; row++)
            block.Codes[row] = block.Codes[row] < 0 ? -1 : codes[block.Codes[row]];
        _codes.Add(block.Codes);
    }

    /// <summary>How many fields of a column of texts are none of numbers.</summary>
    private void CountNumbers(Func<int, int> lineOf)
    {
        bool[] isText = [.. _texts.Texts.Select(text => FieldText.Read(Encoding.UTF8.GetBytes(text), takesComma, out _) == FieldKind.Text)];
        int row = 0;
        foreach (int code in _codes.SelectMany(codes => codes))
        {
            if (code >= 0 && isText[code])
            {
                _others++;
                _firstOther ??= new FieldPlace(lineOf(row), _texts.Texts[code]);
            }

            row++;
        }
    }

    private static string Hint(string text)
    {
        string digits = string.Concat(text.Where(letter => letter is not (',' or '.' or ' ' or '\'' or '_')));
        return digits != text && double.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            ? " (thousands separators are not read)"
            : "";
    }
}
