using System.Globalization;
using Lockstep.Shared.Tests.Interchange;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Formats;

/// <summary>Every row of <c>docs/formats.md</c>: what Lockstep reads, and that the reference reader reads the same.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Rows => [.. FormatCases.All.Select(row => row.Text)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Rows))]
    public void Lockstep_ReadsEveryFileOfTheRow(string text) => Assert.All(Row(text).Files, file =>
    {
        (string path, FormatCase row) = (Write(file), Row(text));
        Assert.Equal(Numbers(file.Expected), Numbers(row.Read(path)));
    });

    [SkippableTheory]
    [MemberData(nameof(Rows))]
    public void ReferenceReader_ReadsTheSame(string text)
    {
        FormatCase row = Row(text);
        Python.Require(row.Modules);
        Assert.All(row.Files, file => Assert.Equal(Numbers(file.Expected), Numbers(Python.Run(row.Script, Write(file)))));
    }

    [Fact]
    public void Document_HasTheseRowsAndNoOthers()
    {
        string[] documented = [.. File.ReadLines(Path.Combine(ProgramRun.Root, "docs/formats.md"))
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|')).Select(line => string.Join(": ", line.Split('|')[1..3].Select(cell => cell.Trim())))];

        Assert.Equal(FormatCases.All.Select(row => row.Text), documented);
    }

    private static FormatCase Row(string text) => FormatCases.All.Single(row => row.Text == text);

    private string Write(FormatFile file)
    {
        string path = _folder.File(file.Name);
        File.WriteAllBytes(path, file.Content());
        return path;
    }

    // Numbers are compared as such, whatever their digits.
    private static string[] Numbers(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number.ToString("R", CultureInfo.InvariantCulture) : part.TrimEnd())];
}
