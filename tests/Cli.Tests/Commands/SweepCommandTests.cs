using System.Text.Json;
using System.Xml.Linq;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>Sweeps of runs of six steps, and what <c>sweep</c> says of files that are none.</summary>
public sealed class SweepCommandTests : IDisposable
{
    private const string Shared = """
        "options": { "dataset": "mnist", "model": "784-2", "batch-size": 8, "shards": 2, "epochs": 2, }, /* as TinyRun has them */
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sweep_Grid_GivesTheBytesOfTrainAndRanksTheTrials()
    {
        (string images, string sweep, string run) = (TinyImages.Write(_folder), _folder.File("sweep"), _folder.File("run"));
        string file = _folder.Write("grid.json", $$"""{ {{Shared}} "grid": { "learning-rate": [0.05, 1e-6], "seed": [1, 2] } }""");

        CommandRun done = await CommandRun.RunAsync(["sweep", file, "--data-dir", images, "--out", sweep, "--parallel", "2", "--json"]);
        Assert.True(done.ExitCode == ExitCode.Done, done.Error);
        JsonElement result = JsonDocument.Parse(done.Out).RootElement;
        JsonElement[] trials = [.. result.GetProperty("trials").EnumerateArray()];
        Assert.Equal(4, trials.Length);
        Assert.Equal(trials[0].GetProperty("folder").GetString(), result.GetProperty("best").GetString());
        double[] accuracies = [.. trials.Select(trial => trial.GetProperty("validationAccuracy").GetDouble())];
        Assert.Equal(accuracies.OrderDescending(), accuracies);
        Assert.All(trials, trial => Assert.Equal("completed", trial.GetProperty("state").GetString()));
        Assert.Equal(done.Out.Trim(), File.ReadAllText(Path.Combine(sweep, "sweep.json")).Trim());
        _ = XDocument.Load(Path.Combine(sweep, "sweep.svg"));

        CommandRun training = await TinyRun.TrainAsync(
            images, "--out", run, "--epochs", "2", "--learning-rate", "0.05", "--seed", "2", "--json");
        JsonElement same = trials.Single(trial => Path.GetFileName(trial.GetProperty("folder").GetString()) == "learning-rate=0.05,seed=2");
        JsonElement summary = JsonDocument.Parse(training.Out).RootElement;
        Assert.Equal(summary.GetProperty("weightsSha256").GetString(), same.GetProperty("weightsSha256").GetString());
        Assert.Equal(summary.GetProperty("testAccuracy").GetDouble(), same.GetProperty("testAccuracy").GetDouble());

        CommandRun runs = await CommandRun.RunAsync(["runs", sweep, "--json"]);
        Assert.Equal(4, JsonDocument.Parse(runs.Out).RootElement.GetProperty("runs").GetArrayLength());
        CommandRun evaluation = await CommandRun.RunAsync(["evaluate", trials[0].GetProperty("folder").GetString()!, "--data-dir", images]);
        Assert.Equal(ExitCode.Done, evaluation.ExitCode);
    }

    [Fact]
    public async Task Sweep_Again_KeepsWhatIsCompleteAndGoesOnWithTheRest()
    {
        (string images, string sweep) = (TinyImages.Write(_folder), _folder.File("sweep"));
        string file = _folder.Write("grid.json", $$"""{ {{Shared}} "grid": { "seed": [1, 2] } }""");
        string[] command = ["sweep", file, "--data-dir", images, "--out", sweep, "--json"];
        CommandRun first = await CommandRun.RunAsync(command);
        (string kept, string cut) = (Path.Combine(sweep, "seed=1"), Path.Combine(sweep, "seed=2"));
        // As a process leaves it that is killed in the second epoch.
        File.Delete(RunFolder.SummaryFileOf(cut));
        File.Delete(Directory.GetFiles(RunFolder.CheckpointDirectoryOf(cut)).Max(StringComparer.Ordinal)!);
        string before = File.ReadAllText(RunFolder.EventsFileOf(kept));

        CommandRun again = await CommandRun.RunAsync(command);

        Assert.True(again.ExitCode == ExitCode.Done, again.Error);
        Assert.Equal(Digests(first), Digests(again));
        Assert.Contains("complete before", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(RunFolder.EventsFileOf(kept)));
        JsonElement summary = JsonDocument.Parse(File.ReadAllText(RunFolder.SummaryFileOf(cut))).RootElement;
        Assert.Equal(3, summary.GetProperty("firstStep").GetInt64());

        string longer = Shared.Replace("2, }", "3, }", StringComparison.Ordinal);
        string other = _folder.Write("other.json", $$"""{ {{longer}} "grid": { "seed": [1, 2] } }""");
        CommandRun refused = await CommandRun.RunAsync(["sweep", other, "--data-dir", images, "--out", sweep]);
        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains($"{cut} holds a run with other options than this sweep has for it.", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweep_TrialThatDiverges_IsARow()
    {
        (string images, string sweep) = (TinyImages.Write(_folder), _folder.File("sweep"));
        string file = _folder.Write("grid.json", $$"""{ {{Shared}} "grid": { "learning-rate": [1e38, 0.05] } }""");

        CommandRun done = await CommandRun.RunAsync(["sweep", file, "--data-dir", images, "--out", sweep, "--parallel", "1"]);

        Assert.True(done.ExitCode == ExitCode.Done, done.Error);
        string[] lines = done.Out.Split('\n');
        Assert.StartsWith("learning-rate=0.05 ", lines[1], StringComparison.Ordinal);
        Assert.Contains("failed", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("learning-rate=1e38: ", lines[3], StringComparison.Ordinal);
        Assert.Contains($"lockstep evaluate '{Path.Combine(sweep, "learning-rate=0.05")}'", done.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweep_RandomDraws_AreThoseOfTheSeed()
    {
        string images = TinyImages.Write(_folder);
        string file = _folder.Write("random.json", $$"""
            {
              {{Shared}}
              "random": {
                "learning-rate": { "from": 1e-4, "to": 1, "scale": "log" },
                "momentum": { "from": 0, "to": 0.9 },
                "optimizer": ["sgd"],
                "seed": { "from": 1, "to": 4 },
              },
              "trials": 3, "seed": 7, "metric": "loss",
            }
            """);

        CommandRun first = await CommandRun.RunAsync(["sweep", file, "--data-dir", images, "--out", _folder.File("a"), "--json"]);
        CommandRun second = await CommandRun.RunAsync(["sweep", file, "--data-dir", images, "--out", _folder.File("b"), "--json"]);

        Assert.True(first.ExitCode == ExitCode.Done, first.Error);
        Assert.Equal(3, Digests(first).Length);
        Assert.Equal(Digests(first), Digests(second));
        JsonElement[] trials = [.. JsonDocument.Parse(first.Out).RootElement.GetProperty("trials").EnumerateArray()];
        double[] losses = [.. trials.Select(trial => trial.GetProperty("validationLoss").GetDouble())];
        Assert.Equal(losses.Order(), losses);
    }

    [Theory]
    [InlineData("""{ "options": { } }""", "there is neither 'grid' nor 'random'")]
    [InlineData("""{ "grid": { "seed": [1] }, "random": { "seed": [1] } }""", "random: there is a grid, too; keep one of them.")]
    [InlineData("""{ "grid": { "seed": [1] }, "trials": 3 }""", "trials: it belongs to 'random'")]
    [InlineData("""{ "grid": { "lr": [0.1] } }""", "grid.lr: it is no option that a sweep can have; did you mean learning-rate?")]
    [InlineData("""{ "grid": { "workers": [1] } }""", "grid.workers: it is no option that a sweep can have")]
    [InlineData("""{ "grid": { "dataset": ["mnist"] } }""", "grid.dataset: all trials have the same of it")]
    [InlineData("""{ "grid": { "seed": 3 } }""", "grid.seed is 3; expected a list of at least one.")]
    [InlineData("""{ "grid": { "seed": [1, 1] } }""", "grid.seed[1]: 1 is there already; leave it out.")]
    [InlineData("""{ "grid": { "momentum": [0.5, 1.5] } }""", "grid.momentum[1]: 1.5: out of range; expected a number from 0 to below 1.")]
    [InlineData("""{ "options": { "seed": 1 }, "grid": { "seed": [1, 2] } }""", "grid.seed: --seed is among the shared options, too")]
    [InlineData("""{ "random": { "seed": [1] } }""", "trials is missing; expected a whole number from 1 to 1,000.")]
    [InlineData(
        """{ "random": { "l2": { "from": 0, "to": 1, "scale": "log" } }, "trials": 2 }""",
        "random.l2: a logarithmic scale begins above 0")]
    [InlineData("""{ "random": { "l2": { "from": 1, "to": 0 } }, "trials": 2 }""", "random.l2: it goes from 1 to 0")]
    [InlineData(
        """{ "random": { "model": { "from": 1, "to": 2 } }, "trials": 2 }""",
        "random.model: --model is no number, so it has no range")]
    [InlineData("""{ "grid": { "model": ["784-10", "784-x"] } }""", "grid.model[1]: ")]
    [InlineData(
        """{ "options": { "optimizer": "adam" }, "grid": { "momentum": [0.5] } }""",
        "--momentum means nothing to --optimizer adam")]
    [InlineData(
        """{ "options": { "dataset": "synthetic" }, "grid": { "batch-size": [60000] } }""",
        "batch-size=60000: --batch-size 60000 is more than")]
    public async Task Sweep_FileWithAMistake_SaysWhereAndWhat(string json, string problem)
    {
        CommandRun run = await CommandRun.RunAsync(["sweep", _folder.Write("sweep.json", json), "--out", _folder.File("out")]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public async Task Sweep_FileWithSeveralMistakes_TellsAllAtOnce()
    {
        string file = _folder.Write("sweep.json", """
            { "options": { "epochs": 0, "sed": 1 }, "random": { "seed": [-1], "l2": { "from": "x" } }, "trials": 0, "metric": "f1" }
            """);

        CommandRun run = await CommandRun.RunAsync(["sweep", file]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        string[] places =
            ["options.epochs", "options.sed", "random.seed[0]", "random.l2.from", "random.l2: 'to'", "trials", "metric"];
        foreach (string place in places)
            Assert.Contains(place, run.Error, StringComparison.Ordinal);
    }

    private static string[] Digests(CommandRun sweep) =>
    [
        .. JsonDocument.Parse(sweep.Out).RootElement.GetProperty("trials").EnumerateArray()
            .Select(trial => trial.GetProperty("weightsSha256").GetString()!),
    ];
}
