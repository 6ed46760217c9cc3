namespace Lockstep.Model.Text;

/// <summary>A first line such as <c>sep=;</c>, with which a table tells Excel what separates its fields; it holds no data.</summary>
/// <param name="Separator">What separates fields: a tab, a blank, or an ASCII mark other than a quote.</param>
/// <param name="Length">Characters of the line, with its end.</param>
public readonly record struct SeparatorLine(char Separator, int Length)
{
    /// <summary>Characters at the beginning of a text that show whether it has such a line.</summary>
    public const int HeadLength = 7;

    private const string Keyword = "sep=";

    /// <summary>Finds the line.</summary>
    /// <param name="text">The text from its beginning, without byte order mark.</param>
    /// <returns>Null where the text begins otherwise.</returns>
    public static SeparatorLine? Find(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith(Keyword, StringComparison.OrdinalIgnoreCase) || text.Length == Keyword.Length)
            return null;
        char separator = text[Keyword.Length];
        bool separates = separator is '\t' or ' ' || char.IsAscii(separator) && separator != '"' && !char.IsLetterOrDigit(separator)
            && !char.IsControl(separator);
        int? end = text[(Keyword.Length + 1)..] switch
        {
            [] => 0,
            ['\r', '\n', ..] => 2,
            ['\r' or '\n', ..] => 1,
            _ => null,
        };
        return separates && end is { } ends ? new SeparatorLine(separator, Keyword.Length + 1 + ends) : null;
    }
}
