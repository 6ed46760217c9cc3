using Lockstep.Cli.Terminal;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>How the data were prepared is part of the configuration that a run folder holds.</summary>
public sealed class OwnDataConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ConfigJson_OfARunOnOwnData_TrainsTheSameRunAgainAndIsCompared()
    {
        string rows = string.Concat(Enumerable.Range(0, 80).Select(i => $"{i % 9},{100 + i % 7},{i % 5},{(i % 9 > 4 ? "yes" : "no")}\n"));
        string file = _folder.Write("rows.csv", $"a,b,c,left\n{rows}"), first = _folder.File("first"), again = _folder.File("again");
        string[] common = ["--batch-size", "8", "--shards", "2", "--epochs", "1"];

        CommandRun original = await TinyRun.CoordinateAsync(
            ["--dataset", file, "--label", "left", "--ignore", "c", "--scale", "none", "--split-key", "7", "--out", first, .. common]);
        CommandRun repeated = await TinyRun.CoordinateAsync("--config", Path.Combine(first, "config.json"), "--out", again);
        CommandRun other = await TinyRun.CoordinateAsync(["--dataset", file, "--label", "left", "--out", _folder.File("other"), .. common]);

        Assert.All(new[] { original, repeated, other }, run => Assert.True(run.ExitCode == ExitCode.Done, run.Error));
        Assert.Equal(CheckpointStore.Load(first).Checkpoint.WeightsSha256, CheckpointStore.Load(again).Checkpoint.WeightsSha256);
        CommandRun compared = await CommandRun.RunAsync(["compare", first, _folder.File("other")]);
        Assert.All(new[] { "--scale", "--ignore", "--split-key" }, option => Assert.Contains(option, compared.Out));
        Assert.DoesNotContain("--label", compared.Out);
    }

    [Fact]
    public async Task Evaluate_RunWithSharesHeldOut_NeedsNoFileOfThem()
    {
        string rows = string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 9},{(i % 9 > 4 ? "yes" : "no")}\n"));
        string file = _folder.Write("rows.csv", $"a,left\n{rows}"), run = _folder.File("run");
        Assert.Equal(ExitCode.Done, (await TinyRun.CoordinateAsync(
            "--dataset", file, "--label", "left", "--validation", "0.3", "--test", "0.2", "--epochs", "1", "--out", run)).ExitCode);

        CommandRun evaluated = await CommandRun.RunAsync(["evaluate", run]);

        Assert.True(evaluated.ExitCode == ExitCode.Done, evaluated.Error);
    }

    [Theory]
    [InlineData("predict RUN --rows FILE --out FILE", "rows.csv")]
    [InlineData("report RUN --out FILE", "rows.html")]
    [InlineData("evaluate RUN --confusion-image FILE", "rows.png")]
    public async Task Command_ResultInPlaceOfAnotherKindOfFile_IsRefused(string line, string name)
    {
        string rows = string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 9},{(i % 9 > 4 ? "yes" : "no")}\n"));
        string file = _folder.Write("rows.csv", $"a,left\n{rows}"), run = _folder.File("run");
        Assert.Equal(ExitCode.Done, (await TinyRun.CoordinateAsync(
            "--dataset", file, "--label", "left", "--batch-size", "8", "--shards", "2", "--epochs", "1", "--out", run)).ExitCode);

        if (name != "rows.csv")
            File.Copy(file, file = _folder.File(name));
        CommandRun refused = await CommandRun.RunAsync([.. line.Split(' ').Select(
            word => word.Replace("FILE", file, StringComparison.Ordinal).Replace("RUN", run, StringComparison.Ordinal))]);

        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains("is not replaced", refused.Error);
        Assert.Equal($"a,left\n{rows}", File.ReadAllText(file));
    }
}
