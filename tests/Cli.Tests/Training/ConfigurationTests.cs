using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Training;

/// <summary>The <c>config.json</c> of a run as <c>--config</c> of another, and as what says where its data is.</summary>
public sealed class ConfigurationTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Config_OfARunWhoseModelIsAFile_TrainsTheSameModel()
    {
        string model = _folder.Write("model.json", """
            { "inputs": 784, "inputKeepProb": 0.9, "layers": [{ "units": 6, "activation": "tanh", "keepProb": 0.7 }, { "name": "out", "units": 2 }] }
            """);
        string first = _folder.File("first"), second = _folder.File("second");
        Assert.Equal(ExitCode.Done, (await TinyRun.TrainAsync(trained.Images, "--model", model, "--epochs", "1", "--out", first)).ExitCode);
        File.Delete(model);

        CommandRun again = await TinyRun.TrainAsync(trained.Images, "--config", Path.Combine(first, "config.json"), "--out", second);

        Assert.Equal(ExitCode.Done, again.ExitCode);
        Assert.Equal(WeightsOf(first), WeightsOf(second));
        Assert.Contains("784-6-2", (await CommandRun.RunAsync(["runs", Path.GetDirectoryName(first)!])).Out, StringComparison.Ordinal);
    }

    /// <summary>Without the run folder, only the checkpoint says what the optimizer is.</summary>
    [Fact]
    public async Task Resume_CheckpointAloneWithAnOptionOfItsOptimizer_IsNoContradiction()
    {
        string run = _folder.File("adamw"), alone = _folder.File("alone.ckpt");
        Assert.Equal(
            ExitCode.Done, (await TinyRun.TrainAsync(trained.Images, "--optimizer", "adamw", "--epochs", "1", "--out", run)).ExitCode);
        File.Copy(Directory.GetFiles(Path.Combine(run, "checkpoints"), "*.ckpt").Max(StringComparer.Ordinal)!, alone);

        CommandRun resumed = await TinyRun.TrainAsync(
            trained.Images, "--resume", alone, "--weight-decay", "0.01", "--epochs", "2", "--data-dir", trained.Images, "--out",
            _folder.File("on"));

        Assert.Equal((ExitCode.Done, true), (resumed.ExitCode, resumed.Error.Contains("on from step 3", StringComparison.Ordinal)));
    }

    [Fact]
    public void Config_OfARunWhoseModelIsWidths_NeedsNoModelFile() => Assert.False(File.Exists(Path.Combine(trained.Run, "model.json")));

    [Fact]
    public async Task Compare_RunsWhoseModelsDifferInTheirLayersOnly_SaysInWhat()
    {
        string model = _folder.Write("model.json", """
            { "inputs": 784, "layers": [{ "units": 5, "activation": "sigmoid", "keepProb": 0.8 }, { "units": 2 }] }
            """);
        string other = _folder.File("other");
        _ = await TinyRun.TrainAsync(trained.Images, "--model", model, "--epochs", "4", "--learning-rate", "0.05", "--out", other);

        CommandRun run = await CommandRun.RunAsync(["compare", trained.Run, other]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("layers[0].activation", run.Out, StringComparison.Ordinal);
        Assert.Contains("sigmoid", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_OfARunWhoseDataIsInARelativeFolder_NamesItFromTheRoot()
    {
        string run = _folder.File("relative"), images = Path.GetRelativePath(Environment.CurrentDirectory, trained.Images);
        Assert.Equal(ExitCode.Done, (await TinyRun.TrainAsync(images, "--epochs", "1", "--min-workers", "1", "--out", run)).ExitCode);

        using var configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "config.json")));

        Assert.Equal(Path.GetFullPath(trained.Images), configuration.RootElement.GetProperty("dataDir").GetString());
        Assert.Equal(1, configuration.RootElement.GetProperty("minWorkers").GetInt32());
    }

    /// <summary>As in the quick start: the data is where the training found it.</summary>
    [Theory]
    [InlineData("evaluate")]
    [InlineData("predict", "--index", "1")]
    public async Task EvaluatePredict_ARunWhoseDataIsInAFolder_FindTheDataThere(string command, params string[] options)
    {
        CommandRun run = await CommandRun.RunAsync([command, trained.Run, .. options, "--json"]);

        Assert.Equal((ExitCode.Done, true), (run.ExitCode, run.Out.Contains("mnist", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Runs_AFolderWithACompleteRun_ListsIt()
    {
        string copy = trained.CopyTo(_folder);

        CommandRun run = await CommandRun.RunAsync(["runs", Path.GetDirectoryName(copy)!]);
        CommandRun json = await CommandRun.RunAsync(["runs", Path.GetDirectoryName(copy)!, "--json"]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"completed +784-5-2 +mnist +12 +12 ", run.Out);
        using var document = JsonDocument.Parse(json.Out);
        JsonElement only = Assert.Single(document.RootElement.GetProperty("runs").EnumerateArray());
        Assert.Equal(("completed", 12), (only.GetProperty("state").GetString(), only.GetProperty("step").GetInt32()));
    }

    [Fact]
    public async Task Runs_ARunWithoutMetricsAndSummary_IsAtTheStepOfItsNewestCheckpoint()
    {
        string copy = trained.CopyTo(_folder);
        File.Delete(Path.Combine(copy, "summary.json"));
        File.Delete(Path.Combine(copy, "metrics.jsonl"));

        CommandRun run = await CommandRun.RunAsync(["runs", Path.GetDirectoryName(copy)!]);

        Assert.Matches(@"unfinished +784-5-2 +mnist +12 +12 ", run.Out);
    }

    private static string? WeightsOf(string folder)
    {
        using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")));
        return summary.RootElement.GetProperty("weightsSha256").GetString();
    }
}
