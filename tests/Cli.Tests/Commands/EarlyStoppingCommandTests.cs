using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>A run of four epochs of three steps that ends after the first, and what the commands say of it.</summary>
public sealed class EarlyStoppingCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_TargetReachedAtOnce_TellsWhereAndWhyEverywhere()
    {
        string images = TinyImages.Write(_folder), run = _folder.File("runs/early");
        CommandRun training = await TinyRun.TrainAsync(
            images, "--out", run, "--epochs", "4", "--stop-when", "accuracy >= 0", "--keep-best", "loss");

        Assert.Equal(ExitCode.Done, training.ExitCode);
        Assert.Contains("after step 3 of 12: the validation accuracy reached accuracy>=0", training.Out, StringComparison.Ordinal);
        Assert.Contains("step 3, validation loss ", training.Out, StringComparison.Ordinal);
        JsonElement summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "summary.json"))).RootElement;
        Assert.Equal("the validation accuracy reached accuracy>=0", summary.GetProperty("stopReason").GetString());
        JsonElement best = summary.GetProperty("best");
        Assert.Equal(("loss", 3), (best.GetProperty("metric").GetString(), best.GetProperty("step").GetInt64()));
        string file = best.GetProperty("checkpoint").GetString()!;
        Assert.Equal("best-000000003.ckpt", Path.GetFileName(file));
        Assert.Contains(
            "the validation accuracy reached accuracy>=0", File.ReadAllText(Path.Combine(run, "events.jsonl")), StringComparison.Ordinal);

        CommandRun evaluation = await CommandRun.RunAsync(["evaluate", run, "--checkpoint", "best", "--data-dir", images]);
        Assert.Contains($"{file}, step 3", evaluation.Out, StringComparison.Ordinal);
        CommandRun ofFile = await CommandRun.RunAsync(["evaluate", file, "--checkpoint", "best", "--data-dir", images]);
        Assert.Equal(ExitCode.BadInput, ofFile.ExitCode);
        CommandRun runs = await CommandRun.RunAsync(["runs", _folder.File("runs")]);
        Assert.Contains("stopped early", runs.Out, StringComparison.Ordinal);
        CommandRun inspection = await CommandRun.RunAsync(["inspect", run]);
        Assert.Contains("accuracy>=0", inspection.Out, StringComparison.Ordinal);
        CommandRun resumed = await CommandRun.RunAsync(["coordinator", "--resume", run, "--epochs", "8"]);
        Assert.Equal(ExitCode.BadInput, resumed.ExitCode);
        Assert.Contains("it stopped early after step 3", resumed.Error, StringComparison.Ordinal);
        CommandRun other = await CommandRun.RunAsync(
            ["coordinator", "--resume", run, "--stop-when", "accuracy>=0.5", "--patience", "2", "--eval-every", "1steps"]);
        Assert.Contains("--stop-when 'accuracy>=0.5' contradicts the checkpoint", other.Error, StringComparison.Ordinal);
        Assert.Contains("--patience 2 contradicts the checkpoint", other.Error, StringComparison.Ordinal);
        Assert.Contains("--eval-every 1steps contradicts the checkpoint", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--stop-when accuracy>=0.5 --patience loss:3", "a run stops by one metric")]
    [InlineData("--stop-when loss<=0.5 --patience accuracy:3", "a run stops by one metric")]
    [InlineData("--patience r2:3", "A model of classes has no r2")]
    [InlineData("--patience 3 --eval-every 0", "would never stop the run")]
    [InlineData("--stop-when accuracy>=98", "--stop-when 'accuracy>=98': the target is not a number from 0 to 1; expected accuracy>=A")]
    [InlineData("--patience 0", "--patience 0: out of range; expected a whole number from 1")]
    [InlineData("--keep-best f1", "--keep-best f1: unknown; expected one of accuracy, loss")]
    public async Task Train_OptionsThatCannotBe_SaysWhy(string options, string problem)
    {
        CommandRun run = await CommandRun.RunAsync(
            ["coordinator", "--dataset", "synthetic", "--out", _folder.File("run"), .. options.Split(' ')]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
    }
}
