namespace Lockstep.Model.Text;

/// <summary>A text as one word of a command line that can be pasted into a POSIX shell.</summary>
public static class ShellWord
{
    private const string Plain = "_./:@%+,-";

    /// <summary>The text, in quotes where a shell would read something else in it.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter)) ? text : Quoted(text);
    }

    /// <summary>A path; one that begins with <c>-</c> is written so that no command takes it for an option.</summary>
    public static string OfPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Of(path.StartsWith('-') ? "./" + path : path);
    }

    /// <summary>The text in quotes.</summary>
    public static string Quoted(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
