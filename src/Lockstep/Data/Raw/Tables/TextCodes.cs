using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>The different texts of a column, each with a number.</summary>
/// <param name="path">Path of the file, for messages.</param>
/// <param name="name">Name of the column, for messages.</param>
internal sealed class TextCodes(string path, string name)
{
    private const int MaxTexts = 1 << 20;
    private const long MaxCharacters = 1 << 28;

    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private long _characters;

    /// <summary>The texts in the order in which they first occurred.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Number of a text.</summary>
    /// <exception cref="DatasetException">There are too many texts to keep them.</exception>
    public int CodeOf(string text)
    {
        if (_codes.TryGetValue(text, out int code))
            return code;
        code = _texts.Count;
        _codes.Add(text, code);
        _texts.Add(text);
        _characters += text.Length;
        string? limit = _texts.Count > MaxTexts ? $"{MaxTexts:N0} different texts"
            : _characters > MaxCharacters ? $"{MaxCharacters:N0} letters"
            : null;
        return limit is null
            ? code
            : throw new DatasetException(
                $"{ForeignText.Printable(path)}: column {ForeignText.Quote(name)} has more than {limit}, too many for categories. Leave it "
                + $"out ({ColumnAdvice.Ignore(name)}).");
    }
}
