using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Terminal;

/// <summary>Names that would steer the terminal, in the places where a command prints names of others.</summary>
public sealed class PrintableTests : IDisposable
{
    private const string Evil = "\u001b[31mred\u0007\u202Eab";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_OnNamesWithEscapeSequences_PrintNone()
    {
        string rows = string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{i % 7},{(i % 2 == 0 ? Evil : "b")}\n"));
        string file = _folder.Write("a\u001b]0;title\u0007.csv", $"x,y{Evil},class\n{rows}");
        string run = _folder.File($"run{Evil}");

        List<CommandRun> runs =
        [
            await CommandRun.RunAsync(["data", "info", file]),
            await CommandRun.RunAsync(["data", "info", file, "--label", Evil]),
            await TinyRun.CoordinateAsync("--dataset", file, "--epochs", "1", "--batch-size", "8", "--shards", "2", "--out", run),
            await CommandRun.RunAsync(["evaluate", run]),
            await CommandRun.RunAsync(["inspect", run]),
            await CommandRun.RunAsync(["predict", run, "--index", "0"]),
            await CommandRun.RunAsync(["predict", run, "--rows", file]),
            await CommandRun.RunAsync(["compare", run, run]),
            await CommandRun.RunAsync(["runs", _folder.Path]),
            await CommandRun.RunAsync(["evaluate", _folder.File(Evil)]),
            await CommandRun.RunAsync([Evil]),
            await CommandRun.RunAsync(["train", $"--{Evil}"]),
        ];

        Assert.All(runs, result => Assert.DoesNotContain(
            result.Out + result.Error, letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t') || letter == '\u202E'));
        Assert.Contains("?[31mred", runs[0].Out);
        Assert.Equal(ExitCode.Done, runs[2].ExitCode);
    }

    [Theory]
    [InlineData("a\r\nb\tc\n", "a\r\nb\tc\n")]
    [InlineData("progress\rover it", "progress?over it")]
    [InlineData("\u001b[2J\u009b31m\u0000", "?[2J?31m?")]
    [InlineData("größer 数 \ud83d\ude00", "größer 数 \ud83d\ude00")]
    public void Write_Text_KeepsWhatDoesNotSteer(string text, string expected)
    {
        var terminal = new StringWriter();
        using (var writer = new PrintableWriter(terminal))
            writer.Write(text);

        Assert.Equal(expected, terminal.ToString());
    }

    [Fact]
    public void Write_HalfACharacter_IsReplaced()
    {
        var terminal = new StringWriter();
        using (var writer = new PrintableWriter(terminal))
            writer.WriteLine("half \ud83d");

        Assert.Equal("half ?", terminal.ToString().TrimEnd());
    }
}
