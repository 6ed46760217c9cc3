
namespace Lockstep.Tests;

/// <summary>What the documents show as code is code that compiles.</summary>
public class DocumentTests
{
    private static readonly string[] Sources =
    [
        "samples/TrainAndEvaluate/Program.cs", "samples/TrainAndVerify/Program.cs", "samples/FineTune/Program.cs",
        "tests/Lockstep.Tests/DocumentedCode.cs",
    ];

    [Theory]
    [InlineData("README.md", 1)]
    [InlineData("docs/api.md", 12)]
    [InlineData("docs/interchange.md", 1)]
    [InlineData("docs/package.md", 1)]
    [InlineData("docs/sweep.md", 1)]
    [InlineData("docs/your-own-data.md", 1)]
    public void CodeBlocks_OfADocument_AreInSources(string document, int expected)
    {
        string[] sources = [.. Sources.Select(source => Normal(File.ReadAllLines(Path.Combine(ProgramRun.Root, source))))];
        string[] blocks = [.. File.ReadAllText(
            Path.Combine(ProgramRun.Root, document)).Split("```csharp\n").Skip(1).Select(part => Normal(part.Split("```")[0].Split('\n')))];

        Assert.Equal(expected, blocks.Length);
        Assert.All(
            blocks,
            block => Assert.True(
                Array.Exists(sources, source => source.Contains(block, StringComparison.Ordinal)), $"No source has:\n{block}"));
    }

    // Indentation, blank lines, directives and lines that are comments do not count.
    private static string Normal(IEnumerable<string> lines) => string.Join('\n', lines
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && !line.StartsWith("using Lockstep", StringComparison.Ordinal)
        && !line.StartsWith("//", StringComparison.Ordinal)));
}
