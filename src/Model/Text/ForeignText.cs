using System.Text;

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

    /// <summary>Replaces control characters, ends of lines too, and halves of characters.</summary>
    public static string Printable(string text) => Replace(text, keepLines: false);

    /// <summary>Replaces the same, but keeps tabs and ends of lines.</summary>
    public static string PrintableLines(string text) => Replace(text, keepLines: true);

    private static string Replace(string text, bool keepLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        var printable = new StringBuilder(text.Length);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A carriage return alone would go back over the line.
            bool endsLine = rune.Value is '\n' or '\t' || rune.Value == '\r' && at + 1 < text.Length && text[at + 1] == '\n';
            bool isUnsafe = Rune.IsControl(rune) || rune == Rune.ReplacementChar || IsOfDirection(rune);
            _ = printable.Append(isUnsafe && !(keepLines && endsLine) ? "?" : rune.ToString());
            at += rune.Utf16SequenceLength;
        }

        return printable.ToString();
    }

    // Embeddings, overrides and isolates of Unicode's bidirectional algorithm, which show letters in another order than they stand.
    private static bool IsOfDirection(Rune rune) => rune.Value is >= 0x202a and <= 0x202e or >= 0x2066 and <= 0x2069;

    /// <summary>Formats a shape, such as <c>[784, 256]</c>.</summary>
    public static string Shape<T>(IReadOnlyList<T> shape) => $"[{string.Join(", ", shape)}]";
}
