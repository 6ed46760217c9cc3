using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Chaos.Plans;
using Lockstep.Cli.Commands;
using Lockstep.Cli.Sweeps;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>
/// What documents show is what the product reads: every command line, also of those that no test can run, and every file.
/// </summary>
public partial class DocumentParseTests
{
    /// <summary>What stands in a document for something of the reader's.</summary>
    private static readonly Dictionary<string, string> Placeholders = new() { ["HOST:PORT"] = "host:4053" };

    public static TheoryData<string> Names => [.. Document.All.Select(document => document.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void CommandLines_OfADocument_AreUnderstood(string name)
    {
        Document document = Of(name);
        IEnumerable<(int Line, string Text)> shown =
            document.Commands.Select(command => (command.Line, command.Text)).Concat(document.Spans.Where(span => IsCommand(span.Code)));
        Assert.All(shown.SelectMany(one => ShellText.LockstepCalls(one.Text).Select(call => (one.Line, Call: call))), one =>
        {
            string[] args = [.. one.Call.Select(word => Placeholders.GetValueOrDefault(word, word))];
            // The text may speak of a command without its arguments.
            if (args.All(IsWord) && IsCommandName(string.Join(' ', args)))
                return;
            Assert.True(MistakesOf(args) is "", $"{name}:{one.Line}: lockstep {string.Join(' ', args)}: {MistakesOf(args)}");
        });
    }

    [Fact]
    public void Examples_OfTheHelp_AreUnderstood()
    {
        // With their meaning behind them, or below.
        string[] examples =
        [
            .. CommandTable.All.Select(command => HelpText.Of(command, isFull: true)).Append(HelpText.OfCommands(""))
                .SelectMany(help => help.Split('\n')).Where(line => line.StartsWith("  lockstep ", StringComparison.Ordinal))
                .Select(line => line.Trim().Split("  ")[0]),
        ];

        Assert.True(examples.Length > 70, $"Found only {examples.Length} examples.");
        Assert.All(examples, example => Assert.Equal("", MistakesOf(Assert.Single(ShellText.LockstepCalls(example)))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Blocks_OfADocument_SayWhatTheyHold(string name)
    {
        string[] known = ["", "sh", "console", "csharp", "json", "python", "yaml"];
        Assert.All(Of(name).Blocks, block =>
        {
            Assert.True(
                known.Contains(block.Language),
                $"{name}:{block.Line}: '{block.Language}' is not known; expected {string.Join(", ", known)}.");
            Assert.False(
                block.Language == "" && block.Lines.Any(line => line.StartsWith("$ ", StringComparison.Ordinal)),
                $"{name}:{block.Line}: commands with their output are a console block.");
        });
    }

    [Theory]
    [InlineData("docs/models.md", 2)]
    [InlineData("docs/chaos.md", 1)]
    [InlineData("docs/sweep.md", 1)]
    [InlineData("docs/operations.md", 1)]
    public void Files_OfADocument_AreRead(string name, int expected)
    {
        DocumentBlock[] blocks = [.. Of(name).Blocks.Where(block => block.Language == "json")];
        using var folder = new TemporaryFolder();

        Assert.Equal(expected, blocks.Length);
        Assert.All(blocks, block =>
        {
            string text = string.Join('\n', block.Lines);
            switch (name)
            {
                case "docs/models.md":
                    _ = ModelFile.Parse(text);
                    break;
                case "docs/chaos.md":
                    _ = PlanJson.Read(Encoding.UTF8.GetBytes(text), "plan.json");
                    break;
                case "docs/sweep.md":
                    _ = SweepFile.Read(folder.Write("sweep.json", text));
                    break;
                default:
                    // A log: an object a line.
                    Assert.All(block.Lines, line => JsonDocument.Parse(line).Dispose());
                    break;
            }
        });
    }

    [Fact]
    public void Json_OfDocuments_IsReadByATest() => Assert.Equal(
        ["docs/chaos.md", "docs/models.md", "docs/operations.md", "docs/sweep.md"],
        Document.All.Where(document => document.Blocks.Any(block => block.Language == "json")).Select(document => document.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Paths_InCommands_AreInTheRepository(string name)
    {
        Assert.All(
            Of(name).Commands.SelectMany(command => ShellText.Commands(command.Text).SelectMany(
                words => words.Where(word => InRepository().IsMatch(word)), (_, word) => (command.Line, word))),
            one => Assert.True(
                Path.Exists(Path.Combine(Document.Root, one.word)) || Directory.GetFiles(
                    Path.Combine(Document.Root, Path.GetDirectoryName(one.word)!), Path.GetFileName(one.word)).Length > 0,
                $"{name}:{one.Line}: there is no {one.word}."));
    }

    [Theory]
    [InlineData("lockstep train --seed 2 > log.txt # again", "train|--seed|2")]
    [InlineData("A=b lockstep train --map 'a=b,c' \"x y\" \\\n  z", "train|--map|a=b,c|x y|z")]
    [InlineData("cd x && lockstep/lockstep runs", "runs")]
    [InlineData("dotnet run -c Release --project src/Cli -- train", "train")]
    public void LockstepCalls_OfAText_AreItsWords(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Assert.Single(ShellText.LockstepCalls(text))));

    /// <summary>What the product's parser says of a command line; nothing where it understands it.</summary>
    private static string MistakesOf(string[] args)
    {
        var problems = new Problems();
        _ = CommandLine.Parse(args, problems);
        // Files are the reader's, or are made by other commands.
        return string.Join(
            ' ', problems.Messages.Where(message => !message.Contains("neither a data set nor a file", StringComparison.Ordinal)));
    }

    private static Document Of(string name) => Document.All.Single(document => document.Name == name);

    private static bool IsCommand(string code) => code.StartsWith("lockstep ", StringComparison.Ordinal);

    private static bool IsWord(string word) => word.All(letter => char.IsAsciiLetterLower(letter) || letter == '-') && word[0] != '-';

    private static bool IsCommandName(string path) => CommandTable.All.Any(
        command => command.FullName == path || command.FullName.StartsWith(path + " ", StringComparison.Ordinal));

    [GeneratedRegex("^(src|tests|deploy|docs|samples|bench)/")]
    private static partial Regex InRepository();
}
