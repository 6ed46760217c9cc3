using System.Text.RegularExpressions;
using Lockstep.Cli.Tests.Documents;

namespace Lockstep.Tests;

/// <summary>Every command of docs/your-own-data.md works as it stands there, and prints what stands there.</summary>
public sealed partial class OwnDataDocumentTests : IDisposable
{
    private const string Document = "docs/your-own-data.md", Scripts = "samples/your-own-data", Folder = "/home/you";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Commands_OfTheDocument_PrintWhatItShows()
    {
        Skip.If(OperatingSystem.IsWindows(), "The commands are those of a POSIX shell.");
        Skip.If(
            (await ShellAsync("python3 --version")).ExitCode != 0,
            "There is no python3, which makes the data; no command of the page was run.");
        Prepare();

        (string Command, string[] Shown)[] commands = [.. Commands()];
        Assert.True(commands.Length > 20, $"Found only {commands.Length} commands.");
        foreach ((string command, string[] shown) in commands)
        {
            (int exitCode, string output) = await ShellAsync(command);
            string printed = Normal(output.Replace(_folder.Path, Folder, StringComparison.Ordinal));
            int expected = shown.Any(line => line.StartsWith("lockstep ", StringComparison.Ordinal)
                || line.StartsWith("It cannot be trained on yet.", StringComparison.Ordinal)) ? 2 : 0;
            Assert.True(exitCode == expected, $"$ {command}\nended with exit code {exitCode}, expected {expected}:\n{output}");
            int from = 0;
            foreach (string line in shown.Where(line => line != "..."))
            {
                int found = printed.IndexOf(Normal(line), from, StringComparison.Ordinal);
                Assert.True(found >= 0, $"$ {command}\ndid not print, or not in this place:\n{line}\nbut:\n{output}");
                from = found;
            }
        }
    }

    [Fact]
    public void Scripts_OfTheDocument_AreAllThatThereAre()
    {
        string text = File.ReadAllText(Path.Combine(ProgramRun.Root, Document));

        Assert.All(
            Directory.GetFiles(Path.Combine(ProgramRun.Root, Scripts)),
            script => Assert.Contains($"python3 {Scripts}/{Path.GetFileName(script)}", text, StringComparison.Ordinal));
    }

    /// <summary>Each command of the page with the lines below it.</summary>
    private static IEnumerable<(string Command, string[] Shown)> Commands()
    {
        foreach (string block in File.ReadAllText(Path.Combine(ProgramRun.Root, Document)).Split("```console\n").Skip(1))
        {
            foreach (string part in ("\n" + block.Split("\n```")[0]).Split("\n$ ").Skip(1))
            {
                string[] lines = part.Split('\n');
                yield return (lines[0], [.. lines.Skip(1).Where(line => line.Trim().Length > 0)]);
            }
        }
    }

    /// <summary>Copies the scripts, and makes the command of this build one that a shell finds.</summary>
    private void Prepare()
    {
        _ = Directory.CreateDirectory(_folder.File(Scripts));
        foreach (string script in Directory.GetFiles(Path.Combine(ProgramRun.Root, Scripts)))
            File.Copy(script, Path.Combine(_folder.File(Scripts), Path.GetFileName(script)));
        DocumentShell.AddProgram(_folder.Path, "lockstep", $"exec dotnet '{ProgramRun.PathOf("src/Cli", "lockstep")}' \"$@\"");
    }

    private Task<(int ExitCode, string Output)> ShellAsync(string command) => DocumentShell.RunAsync(_folder.Path, command);

    // Blanks do not count, so that long lines can be broken.
    private static string Normal(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
