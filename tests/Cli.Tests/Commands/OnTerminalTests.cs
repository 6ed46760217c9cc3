using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>Commands with a person watching: a live display on standard error, and results on a terminal too.</summary>
public sealed class OnTerminalTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("evaluate RUN")]
    [InlineData("predict RUN --index 1")]
    [InlineData("report RUN --out FILE")]
    [InlineData("data info mnist")]
    [InlineData("data show mnist --out FILE")]
    public async Task Command_OnATerminal_EndsItsDisplayAndPrintsTheResult(string line)
    {
        (StringWriter output, StringWriter error) = (new(), new());
        var environment = new Dictionary<string, string> { ["LOCKSTEP_OFFLINE"] = "1", ["LOCKSTEP_DATA_DIR"] = trained.Images };
        var io = new CommandIo(
            output, TextWriter.Synchronized(error), TextReader.Null, environment, ErrorIsTerminal: true)
        { OutIsTerminal = true };

        int exitCode = await LockstepCommand.RunAsync(
            [.. line.Split(' ').Select(word => word.Replace("RUN", trained.Run).Replace("FILE", _folder.File("out")))], io);

        Assert.True(exitCode == ExitCode.Done, error.ToString());
        Assert.NotEmpty(output.ToString());
        Assert.EndsWith("\e[?25h", error.ToString());
    }
}
