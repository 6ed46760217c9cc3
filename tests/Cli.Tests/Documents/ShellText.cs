using System.Text;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>Reads command lines as a POSIX shell divides them, expanding nothing.</summary>
internal static class ShellText
{
    private const string Run = "dotnet run -c Release --project src/Cli --";

    /// <summary>The arguments of each call of <c>lockstep</c> in a text.</summary>
    public static IEnumerable<string[]> LockstepCalls(string text)
    {
        foreach (List<string> words in Commands(text.Replace(Run, "lockstep", StringComparison.Ordinal)))
        {
            while (words.Count > 0 && words[0].Split('=') is [var name, _]
                && name.All(letter => char.IsAsciiLetterUpper(letter) || letter == '_'))
                words.RemoveAt(0);
            if (words.Count > 0 && words[0] is "lockstep" or "lockstep/lockstep")
                yield return [.. words.Skip(1)];
        }
    }

    /// <summary>The words of each simple command; redirections are left out.</summary>
    public static IReadOnlyList<List<string>> Commands(string text)
    {
        var commands = new List<List<string>> { new() };
        StringBuilder? word = null;
        bool redirects = false;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            switch (letter)
            {
                case '\\' when i + 1 < text.Length && text[i + 1] == '\n':
                    i++;
                    break;
                case '\\' when i + 1 < text.Length:
                    word = (word ?? new()).Append(text[++i]);
                    break;
                case '\'' or '"':
                    int end = text.IndexOf(letter, i + 1);
                    Assert.True(end > 0, $"A quote does not end: {text}");
                    word = (word ?? new()).Append(text, i + 1, end - i - 1);
                    i = end;
                    break;
                case '#' when word is null:
                    i = text.IndexOf('\n', i) is var line and >= 0 ? line - 1 : text.Length;
                    break;
                // 2>&1: a descriptor before the redirection, and one in place of a file.
                case '2' when word is null && text[i..].StartsWith("2>", StringComparison.Ordinal):
                case '&' when i > 0 && text[i - 1] == '>':
                    break;
                case ' ' or '\t' or '\n' or ';' or '&' or '|' or '(' or ')' or '>':
                    EndWord();
                    if (letter == '>')
                        redirects = true;
                    else if (letter is not (' ' or '\t'))
                        commands.Add([]);
                    break;
                case '<' when text[i..].StartsWith("<<'", StringComparison.Ordinal):
                    // What is fed to the command is none.
                    return [.. commands.Where(command => command.Count > 0)];
                default:
                    word = (word ?? new()).Append(letter);
                    break;
            }
        }

        EndWord();
        return [.. commands.Where(command => command.Count > 0)];

        void EndWord()
        {
            if (word is null)
                return;
            if (!redirects)
                commands[^1].Add(word.ToString());
            redirects = false;
            word = null;
        }
    }
}
