using Lockstep.Cli.Commands;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Commands;

public class ChaosCommandTests
{
    [Theory]
    [InlineData("--minutes 0", "--minutes 0: out of range; expected minutes from 0.05 to 1440")]
    [InlineData("--workers 0", "--workers 0: out of range")]
    [InlineData("--plan /nonexistent.json", "--plan /nonexistent.json cannot be read: there is no such file")]
    [InlineData("--plan /tmp", "--plan /tmp cannot be read: it is a folder")]
    [InlineData("--plan p.json --seed 3 --minutes 1", "--seed and --plan are both given")]
    [InlineData("--epochs 3", "--epochs is not an option of chaos")]
    public async Task Run_Mistake_IsExplained(string options, string expected)
    {
        CommandRun run = await CommandRun.RunAsync(["chaos", .. options.Split(' ')]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void PassedOn_HowFilesArePrepared_ReachesTheCoordinator()
    {
        var problems = new Problems();
        CommandLine.Request request = CommandLine.Parse(["chaos", "--dataset", "/data.csv", "--label", "left", "--workers", "3"], problems);
        var settings = Settings.Resolve(request.Options, request.Given, new Dictionary<string, string>(), problems);

        string passed = string.Join(' ', ChaosCommand.PassedOn<CoordinatorCommand>(settings));

        Assert.Empty(problems.Messages);
        Assert.Contains("--dataset /data.csv", passed);
        Assert.Contains("--label left", passed);
        Assert.DoesNotContain("--label", string.Join(' ', ChaosCommand.PassedOn<WorkerCommand>(settings)));
    }

    [Fact]
    public async Task Run_FolderInUse_IsRefusedBeforeAnythingStarts()
    {
        using var folder = new TemporaryFolder();
        _ = folder.Write("mine.txt", "precious");

        CommandRun run = await CommandRun.RunAsync(["chaos", "--out", folder.Path]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains($"{folder.Path} is not empty", run.Error);
    }
}
