using System.Text.RegularExpressions;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>What a reader types at once.</summary>
/// <param name="Line">Number of its first line in the document.</param>
/// <param name="Text">As a shell reads it: several lines if they belong together.</param>
/// <param name="Shown">Lines of output that stand below it; null where none are shown.</param>
internal sealed partial record DocumentCommand(int Line, string Text, IReadOnlyList<string>? Shown)
{
    /// <summary>The exit code that the shown output tells of.</summary>
    public int ExpectedExitCode => Shown is null ? 0
        : Shown.Any(line => line.StartsWith("lockstep ", StringComparison.Ordinal)
            || line.StartsWith("It cannot be trained on yet.", StringComparison.Ordinal)) ? 2
        : Shown.Any(line => line.StartsWith("different: ", StringComparison.Ordinal)
            || line.StartsWith("first difference ", StringComparison.Ordinal)
            || line.StartsWith("largest difference ", StringComparison.Ordinal)) ? 1
        : 0;

    /// <summary>The modules that Python must have for it.</summary>
    public IEnumerable<string> Modules => Import().Matches(Text).Select(match => match.Groups[1].Value);

    /// <summary>Names of files in it, with the extensions of files that programs make.</summary>
    public IEnumerable<string> Files => MadeFile().Matches(Text).Select(match => match.Value).Distinct();

    /// <summary>The commands of a block; none where it holds something else.</summary>
    public static IEnumerable<DocumentCommand> In(DocumentBlock block)
    {
        if (block.Language == "python")
            yield return new DocumentCommand(block.Line, $"python3 - <<'END'\n{string.Join('\n', block.Lines)}\nEND", Shown: null);
        if (!block.IsShell && !block.IsConsole)
            yield break;
        for (int i = 0; i < block.Lines.Length; i++)
        {
            if (block.Lines[i].Length == 0)
                continue;
            int first = i;
            Assert.True(
                !block.IsConsole || block.Lines[i].StartsWith("$ ", StringComparison.Ordinal), $"Line {block.Line + i} is no command.");
            string text = block.IsConsole ? block.Lines[i][2..] : block.Lines[i];
            while (text.EndsWith('\\'))
                text += "\n" + block.Lines[++i];
            if (text.Split("<<'") is [_, var mark])
            {
                mark = "\n" + mark.Split('\'')[0];
                while (!text.EndsWith(mark, StringComparison.Ordinal))
                    text += "\n" + block.Lines[++i];
            }

            string[]? shown = null;
            if (block.IsConsole)
            {
                shown = [.. block.Lines.Skip(i + 1).TakeWhile(line => !line.StartsWith("$ ", StringComparison.Ordinal))];
                i += shown.Length;
            }

            yield return new DocumentCommand(block.Line + first, text, shown);
        }
    }

    [GeneratedRegex("^import ([a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"[\w./-]+\.(?:npz|ckpt|onnx|safetensors)\b")]
    private static partial Regex MadeFile();
}
