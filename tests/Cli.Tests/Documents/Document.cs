using System.Reflection;
using System.Text.RegularExpressions;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>A fenced block of a document.</summary>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Line">Number of its first line.</param>
/// <param name="Lines">What it holds.</param>
internal sealed record DocumentBlock(string Language, int Line, string[] Lines)
{
    /// <summary>Whether it holds commands without their output.</summary>
    public bool IsShell => Language == "sh";

    /// <summary>Whether it holds commands, each behind a <c>$</c>, with their output.</summary>
    public bool IsConsole => Language == "console";
}

/// <summary>A document of this repository: what it shows to a reader who types it.</summary>
internal sealed partial class Document
{
    private Document(string name)
    {
        Name = name;
        string[] lines = File.ReadAllLines(Path.Combine(Root, name));
        var blocks = new List<DocumentBlock>();
        var text = new List<(int, string)>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                text.Add((i + 1, lines[i]));
                continue;
            }

            int end = Array.FindIndex(lines, i + 1, line => line == "```");
            Assert.True(end > 0, $"{name}:{i + 1}: the block does not end.");
            blocks.Add(new DocumentBlock(lines[i][3..], i + 2, lines[(i + 1)..end]));
            i = end;
        }

        Blocks = blocks;
        Spans = [.. text.SelectMany(line => Span().Matches(line.Item2).Select(match => (line.Item1, match.Groups[1].Value)))];
    }

    /// <summary>Where the repository is.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All documents for users, in the order in which one would read them.</summary>
    public static IReadOnlyList<Document> All { get; } =
    [
        .. new[] { "README.md", "CONTRIBUTING.md", "SECURITY.md", "deploy/README.md" }
            .Concat(Below("deploy", SearchOption.AllDirectories).Where(name => name != "deploy/README.md"))
            .Concat(Below("docs", SearchOption.TopDirectoryOnly)).Select(name => new Document(name)),
    ];

    /// <summary>Path in the repository.</summary>
    public string Name { get; }

    public IReadOnlyList<DocumentBlock> Blocks { get; }

    /// <summary>The code in its lines and tables.</summary>
    public IReadOnlyList<(int Line, string Code)> Spans { get; }

    /// <summary>Its commands, in reading order.</summary>
    public IEnumerable<DocumentCommand> Commands => Blocks.SelectMany(DocumentCommand.In);

    public override string ToString() => Name;

    private static IEnumerable<string> Below(string folder, SearchOption how) =>
        Directory.GetFiles(Path.Combine(Root, folder), "*.md", how)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        string? folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Cluster.sln is in no folder above the tests.");
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Span();
}
