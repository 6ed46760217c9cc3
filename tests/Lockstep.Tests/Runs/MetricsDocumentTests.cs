using System.Text.RegularExpressions;
using Lockstep.Runs;

namespace Lockstep.Tests.Runs;

/// <summary><c>docs/metrics.md</c> names every field and every kind of event, and no others.</summary>
public partial class MetricsDocumentTests
{
    [Fact]
    public void Document_Metrics_AreTheFieldsOfALine() => Assert.Equal(
        RunFilesContext.Default.MetricsRow.Properties.Select(property => property.Name), RowsOf("## metrics.jsonl"));

    [Fact]
    public void Document_Events_AreTheFieldsAndKindsOfALine()
    {
        string recorder = File.ReadAllText(Path.Combine(ProgramRun.Root, "src/Lockstep/Runs/RunRecorder.cs"));
        string[] kinds = [.. Kind().Matches(recorder).Select(match => match.Groups[1].Value), "ended"];
        Assert.True(kinds.Length > 10, string.Join(' ', kinds));

        Assert.Equal(
            RunFilesContext.Default.EventJson.Properties.Select(property => property.Name).Concat(kinds).Order(StringComparer.Ordinal),
            RowsOf("## events.jsonl").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> RowsOf(string heading)
    {
        string[] lines = File.ReadAllLines(Path.Combine(ProgramRun.Root, "docs/metrics.md"));
        return lines.SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => Row().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value);
    }

    [GeneratedRegex(@"^\| `(\w+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"RunEvent\.\w+(?: \{[^}]*\})? => ""(\w+)"",")]
    private static partial Regex Kind();
}
