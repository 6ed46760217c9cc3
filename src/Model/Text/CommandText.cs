using System.Buffers;

namespace Lockstep.Model.Text;

/// <summary>Writes commands that can be pasted into a shell.</summary>
public static class CommandText
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,=@%+-");

    /// <summary>A word as a POSIX shell reads it: in single quotes where it has letters that mean something to the shell.</summary>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.Length > 0 && !word.AsSpan().ContainsAnyExcept(Plain)
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
