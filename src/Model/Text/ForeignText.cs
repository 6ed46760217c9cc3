namespace Lockstep.Model.Text;

/// <summary>Makes names and shapes from foreign files safe to display.</summary>
public static class ForeignText
{
    private const int MaxQuotedCharacters = 80;

    /// <summary>Quotes a text: shortens it and replaces control characters, which could steer a terminal.</summary>
    public static string Quote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"'{Beginning(text)}'";
    }

    /// <summary>The beginning of a text, without control characters.</summary>
    public static string Beginning(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Printable(text.Length <= MaxQuotedCharacters ? text : text[..MaxQuotedCharacters] + "...");
    }

    /// <summary>Replaces control characters.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));

    /// <summary>Formats a shape, such as <c>[784, 256]</c>.</summary>
    public static string Shape<T>(IReadOnlyList<T> shape) => $"[{string.Join(", ", shape)}]";
}
