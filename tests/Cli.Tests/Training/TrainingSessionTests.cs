using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Training;

/// <summary>Whole trainings of a few steps, with coordinator and worker in this process and real sockets between them.</summary>
public sealed class TrainingSessionTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly string _images;
    private readonly string _run;

    public TrainingSessionTests()
    {
        _images = TinyImages.Write(_temporary);
        _run = _temporary.File("run");
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Coordinator_WithAWorker_LeavesACompleteRunFolder()
    {
        CommandRun run = await TrainAsync("--out", _run, "--epochs", "2", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        using JsonDocument summary = Json(Path.Combine(_run, "summary.json"));
        string[] fields =
        [
            "weightsSha256", "steps", "epochs", "workers", "lanes", "dataset", "validationAccuracy", "testAccuracy", "trainSeconds",
            "wallSeconds",
            "examplesPerSecond",
        ];
        Assert.Empty(fields.Except(summary.RootElement.EnumerateObject().Select(property => property.Name)));
        Assert.Equal(
            ("completed", 6),
            (summary.RootElement.GetProperty("outcome").GetString(), summary.RootElement.GetProperty("steps").GetInt32()));
        Assert.Equal(File.ReadAllText(Path.Combine(_run, "summary.json")).Trim(), run.Out.Trim());
        Assert.Equal([3L, 6L], MetricSteps());
        using JsonDocument environment = Json(Path.Combine(_run, "env.json"));
        Assert.All(["machine", "os", "processor", "processors", "runtime", "vectorBits", "version", "commit"],
            field => Assert.True(environment.RootElement.TryGetProperty(field, out _), field));
        string log = File.ReadAllText(Path.Combine(_run, "log.txt"));
        Assert.All(
            ["Lockstep ", "784-2, ", "epoch 2/2", "Completed after 6 steps", summary.RootElement.GetProperty("weightsSha256").GetString()!],
            part => Assert.Contains(part, log));
        Assert.DoesNotContain(" Akka: ", log);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_run, "checkpoints"), "*.ckpt"));

        CommandRun inspected = await CommandRun.RunAsync(["inspect", _run, "--json"]);
        using var inspection = JsonDocument.Parse(inspected.Out);
        Assert.Equal(
            summary.RootElement.GetProperty("weightsSha256").GetString(), inspection.RootElement.GetProperty("weightsSha256").GetString());

        CommandRun evaluated = await CommandRun.RunAsync(["evaluate", _run, "--json", "--data-dir", _images]);
        using var evaluation = JsonDocument.Parse(evaluated.Out);
        Assert.Equal(
            summary.RootElement.GetProperty("testAccuracy").GetDouble(), evaluation.RootElement.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public async Task Resume_FromTheMiddle_EndsInTheSameWeightsAndNoStepTwice()
    {
        _ = await TrainAsync(
            "--out", _run, "--steps", "7", "--checkpoint-every", "2steps", "--keep-checkpoints", "9", "--eval-every", "1step");
        string whole = WeightsSha256();

        // Which ones there are depends on the disk: those that fall due while one is written are merged into the newest.
        string[] saved = [.. Directory.GetFiles(Path.Combine(_run, "checkpoints")).Order(StringComparer.Ordinal)];
        foreach (string later in saved.Skip(1))
            File.Delete(later);
        File.Delete(Path.Combine(_run, "summary.json"));
        CommandRun run = await TrainAsync("--resume", _run);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(whole, WeightsSha256());
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7], MetricSteps());
        Assert.Contains($"on from step {Path.GetFileNameWithoutExtension(saved[0])[^1]}", run.Error);
    }

    [Fact]
    public async Task Resume_OfACompleteRun_SaysThatItIsComplete()
    {
        _ = await TrainAsync("--out", _run, "--steps", "2");

        CommandRun run = await CommandRun.RunAsync(["coordinator", "--resume", _run]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("is complete: all 2 steps are done", run.Error);
    }

    [Fact]
    public async Task ResumeAuto_WithOut_StandsForTheWholeRunHoweverOftenItIsGiven()
    {
        string[] command =
        [
            "--out", _run, "--resume", "auto", "--data-dir", _images, "--dataset", "mnist", "--batch-size", "8", "--shards", "2", "--model",
            "784-2",
            "--steps", "3", "--eval-every", "1step", "--checkpoint-every", "2steps", "--json",
        ];

        CommandRun begun = await TrainAsync(command);
        Assert.Equal(ExitCode.Done, begun.ExitCode);
        string whole = WeightsSha256();

        // As a kill in the third step leaves it.
        File.Delete(Path.Combine(_run, "checkpoints", "step-000000003.ckpt"));
        File.Delete(Path.Combine(_run, "summary.json"));
        CommandRun continued = await TrainAsync(command);
        Assert.Equal(ExitCode.Done, continued.ExitCode);
        Assert.Contains("on from step 2", continued.Error);
        Assert.Equal(whole, WeightsSha256());

        CommandRun complete = await TrainAsync(command);
        Assert.Equal(ExitCode.Done, complete.ExitCode);
        Assert.Contains("is complete: all 3 steps are done", complete.Error);
        Assert.Equal(File.ReadAllText(Path.Combine(_run, "summary.json")).Trim(), complete.Out.Trim());

        // As a kill before the first checkpoint leaves it.
        foreach (string checkpoint in Directory.GetFiles(Path.Combine(_run, "checkpoints")))
            File.Delete(checkpoint);
        CommandRun again = await TrainAsync(command);
        Assert.Equal(ExitCode.Done, again.ExitCode);
        Assert.Equal(whole, WeightsSha256());
        Assert.Equal([1L, 2, 3], MetricSteps());
    }

    [Fact]
    public async Task ResumeAuto_OutWithDamagedCheckpointsOnly_IsRefused()
    {
        string checkpoints = Directory.CreateDirectory(Path.Combine(_run, "checkpoints")).FullName;
        File.WriteAllText(Path.Combine(checkpoints, "step-000000002.ckpt"), "damaged");

        CommandRun run = await CommandRun.RunAsync(["coordinator", "--out", _run, "--resume", "auto", "--data-dir", _images]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("step-000000002.ckpt", run.Error);
    }

    [Fact]
    public async Task Config_OfAnEarlierRun_RepeatsIt()
    {
        _ = await TrainAsync(
            "--out", _run, "--steps", "3", "--seed", "5", "--initializer", "truncated_normal(0, 0.2)", "--l2", "0.001", "--model",
            "784-8-2");
        string first = WeightsSha256();
        string again = _temporary.File("again");

        CommandRun run = await TrainAsync("--config", Path.Combine(_run, "config.json"), "--out", again, "--json");

        using var summary = JsonDocument.Parse(run.Out);
        Assert.Equal(first, summary.RootElement.GetProperty("weightsSha256").GetString());
    }

    [Fact]
    public async Task Coordinator_OutThatHoldsARun_IsRefused()
    {
        _ = await TrainAsync("--out", _run, "--steps", "1");

        CommandRun run = await CommandRun.RunAsync(["coordinator", "--out", _run, "--data-dir", _images]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("already holds a run", run.Error);
    }

    [Fact]
    public async Task Coordinator_NobodyJoins_IsAnExitCodeOfItsOwn()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["coordinator", "--out", _run, "--data-dir", _images, "--dataset", "mnist", "--batch-size", "8", "--worker-timeout", "0.2"]);

        Assert.Equal(ExitCode.ClusterLost, run.ExitCode);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Contains("\"clusterLost\"", File.ReadAllText(Path.Combine(_run, "summary.json")));
        Assert.Contains(run.Error.TrimEnd().Split(Environment.NewLine)[^1], File.ReadAllText(Path.Combine(_run, "log.txt")));

        CommandRun resumed = await CommandRun.RunAsync(["coordinator", "--resume", _run]);

        Assert.Equal(ExitCode.BadInput, resumed.ExitCode);
        Assert.Contains("no checkpoint was saved in it; start again with --out DIR", resumed.Error);
    }

    [Fact]
    public async Task Worker_NobodyListens_SaysSoInTwoPlainLines()
    {
        CommandRun run = await CommandRun.RunAsync(["worker", "--join", "127.0.0.1:1", "--worker-timeout", "0.5"]);

        Assert.Equal(ExitCode.ClusterLost, run.ExitCode);
        string[] lines = run.Error.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2, lines.Length);
        Assert.Equal("joining 127.0.0.1:1; giving up after 0.5 s", lines[0]);
    }

    [Fact]
    public async Task Coordinator_Verbosely_SaysALineOnceOnly()
    {
        CommandRun run = await TrainAsync("--out", _run, "--epochs", "1", "--verbose");

        Assert.Single(run.Error.Split(Environment.NewLine), line => line.Contains("epoch 1/1"));
    }

    [Fact]
    public async Task Coordinator_PortInUse_IsBadInput()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        string address = taken.LocalEndpoint.ToString()!;

        CommandRun run = await CommandRun.RunAsync(
            ["coordinator", "--out", _run, "--data-dir", _images, "--dataset", "mnist", "--batch-size", "8", "--listen", address]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains($"Cannot listen on {address}", run.Error);
        Assert.False(Directory.Exists(_run));
    }

    [Fact]
    public async Task Coordinator_DataThatDoesNotFit_LeavesNoFolder()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["coordinator", "--out", _run, "--data-dir", _images, "--dataset", "mnist", "--model", "100-10"]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("2 mistakes", run.Error);
        Assert.False(Directory.Exists(_run));
    }

    [Fact]
    public async Task Resume_OtherImages_IsRefusedByDigest()
    {
        _ = await TrainAsync("--out", _run, "--steps", "4", "--checkpoint-every", "2steps");
        File.Delete(Path.Combine(_run, "summary.json"));
        string labels = Path.Combine(_images, "t10k-labels-idx1-ubyte");
        byte[] bytes = File.ReadAllBytes(labels);
        bytes[^1] ^= 1;
        File.WriteAllBytes(labels, bytes);

        CommandRun run = await CommandRun.RunAsync(["coordinator", "--resume", _run]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("with digest", run.Error);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_run, "checkpoints")));
    }

    [Fact]
    public async Task Resume_NewestCheckpointDamaged_TakesTheOneBeforeAndSaysSo()
    {
        _ = await TrainAsync("--out", _run, "--steps", "4", "--checkpoint-every", "2steps");
        string whole = WeightsSha256(), newest = Path.Combine(_run, "checkpoints", "step-000000004.ckpt");
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^100] ^= 1;
        File.WriteAllBytes(newest, bytes);

        CommandRun inspected = await CommandRun.RunAsync(["inspect", newest]);
        CommandRun run = await TrainAsync("--resume", _run);

        Assert.Equal(ExitCode.BadInput, inspected.ExitCode);
        Assert.Contains("step-000000002.ckpt", inspected.Error);
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("warning: Checkpoint", run.Error);
        Assert.Equal(whole, WeightsSha256());
    }

    /// <summary>What a model file may have, the options that are saved with the run may have too.</summary>
    [Fact]
    public async Task Coordinator_LeastKeepProbabilityOfAModelFile_TrainsAndResumes()
    {
        string model = _temporary.File("model.json");
        File.WriteAllText(model, """{ "inputs": 784, "layers": [{ "units": 8, "keepProb": 0.00005 }, { "units": 2, "learningRate": 2000 }] }""");

        CommandRun run = await TrainAsync("--out", _run, "--steps", "2", "--model", model, "--learning-rate", "0.001");
        CommandRun resumed = await TrainAsync("--resume", _run, "--steps", "3");

        Assert.Equal((ExitCode.Done, ExitCode.Done), (run.ExitCode, resumed.ExitCode));
    }

    [Fact]
    public async Task Coordinator_AdamW_TrainsAgainFromItsConfigurationAndRefusesMomentum()
    {
        CommandRun run = await TrainAsync("--out", _run, "--steps", "5", "--optimizer", "adamw", "--beta2", "0.99", "--model", "784-8-2");
        Assert.Equal(ExitCode.Done, run.ExitCode);
        CommandRun again = await TrainAsync("--config", Path.Combine(_run, "config.json"), "--out", _temporary.File("again"), "--json");
        CommandRun wrong = await CommandRun.RunAsync(["coordinator", "--optimizer", "adamw", "--momentum", "0.5", "--data-dir", _images]);
        CommandRun other = await CommandRun.RunAsync(["coordinator", "--resume", _run, "--optimizer", "sgd", "--data-dir", _images]);

        using var summary = JsonDocument.Parse(again.Out);
        Assert.Equal(WeightsSha256(), summary.RootElement.GetProperty("weightsSha256").GetString());
        using JsonDocument configuration = Json(Path.Combine(_run, "config.json"));
        Assert.Equal(0.001, configuration.RootElement.GetProperty("learningRate").GetDouble());
        Assert.Contains("--momentum means nothing to --optimizer adamw", wrong.Error);
        Assert.Contains("--optimizer sgd contradicts the checkpoint", other.Error);
    }

    [Theory]
    [InlineData("--nesterov --clip-norm 0.5 --label-smoothing 0.1 --class-weights 1,0.5", "--nesterov         true")]
    [InlineData("--optimizer adam --l2 0.001 --clip-norm 0.5 --class-weights balanced", "--class-weights")]
    public async Task Coordinator_ClippingAndTargets_TrainsAgainFromItsConfigurationAndResumes(string options, string shown)
    {
        string[] words = ["--model", "784-8-2", "--learning-rate", "0.01", .. options.Split(' ')];
        CommandRun run = await TrainAsync(["--out", _run, "--steps", "5", .. words]);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        string digest = WeightsSha256();
        CommandRun again = await TrainAsync("--config", Path.Combine(_run, "config.json"), "--out", _temporary.File("again"), "--json");
        CommandRun first = await TrainAsync(["--out", _temporary.File("parts"), "--steps", "2", .. words]);
        CommandRun resumed = await TrainAsync(["--resume", _temporary.File("parts"), "--steps", "5", "--json", .. words]);
        CommandRun inspected = await CommandRun.RunAsync(["inspect", _run]);
        CommandRun other = await CommandRun.RunAsync(
            ["coordinator", "--resume", _run, "--label-smoothing", "0.2", "--clip-norm", "1", "--data-dir", _images]);

        foreach (CommandRun same in new[] { again, resumed })
        {
            using var summary = JsonDocument.Parse(same.Out);
            Assert.Equal(digest, summary.RootElement.GetProperty("weightsSha256").GetString());
        }

        Assert.Equal(ExitCode.Done, first.ExitCode);
        Assert.Contains(shown, inspected.Out, StringComparison.Ordinal);
        Assert.Contains("--clip-norm", inspected.Out, StringComparison.Ordinal);
        Assert.Contains("--label-smoothing 0.2 contradicts the checkpoint", other.Error, StringComparison.Ordinal);
        Assert.Contains("--clip-norm 1 contradicts the checkpoint, whose run has --clip-norm 0.5", other.Error, StringComparison.Ordinal);
    }

    /// <summary>What the end of the run prints is a whole command: pasted, it trains.</summary>
    [Fact]
    public async Task Coordinator_TrainingDiverges_AdvisesACommandThatTrains()
    {
        CommandRun run = await TrainAsync(
            "--out", _run, "--steps", "40", "--model", "784-8-2", "--learning-rate", "1000", "--l2", "100", "--checkpoint-every", "1steps",
            "--keep-checkpoints", "1");

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        Assert.Contains("Training diverged in step ", run.Error);
        Assert.DoesNotContain("--resume", run.Error);
        string advice = run.Error.Split('\n').Single(line => line.Contains("--init-from", StringComparison.Ordinal));
        string[] words = advice[(advice.IndexOf("lockstep coordinator", StringComparison.Ordinal) + "lockstep coordinator".Length)..].Trim()
            .Split(' ');
        int rate = Array.IndexOf(words, "--learning-rate") + 1;
        Assert.Equal("100", words[rate]);
        words[rate] = "0.001"; // Which rate is low enough is for people to find.
        CommandRun again = await TrainAsync([.. words, "--out", _temporary.File("again")]);

        Assert.Equal(ExitCode.Done, again.ExitCode);
    }

    [Fact]
    public async Task DataCommands_FolderOfFiles_DescribeAndDraw()
    {
        string sheet = _temporary.File("sheet.png");

        CommandRun info = await CommandRun.RunAsync(["data", "info", "mnist", "--data-dir", _images, "--json"]);
        CommandRun show = await CommandRun.RunAsync(["data", "show", "mnist", "--data-dir", _images, "--out", sheet, "--count", "3"]);
        CommandRun nowhere = await CommandRun.RunAsync(
            ["data", "show", "mnist", "--data-dir", _images, "--out", _temporary.File("none/sheet.png")]);

        using var described = JsonDocument.Parse(info.Out);
        Assert.Equal(
            [11, 11], described.RootElement.GetProperty("train").GetProperty("classes").EnumerateArray().Select(count => count.GetInt32()));
        Assert.Equal(TinyImages.TestImages, described.RootElement.GetProperty("test").GetProperty("examples").GetInt32());
        Assert.Equal(ExitCode.Done, show.ExitCode);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(sheet)[..4]);
        Assert.Equal(ExitCode.BadInput, nowhere.ExitCode);
        Assert.Contains("the folder does not exist", nowhere.Error);
    }

    private Task<CommandRun> TrainAsync(params string[] options) => TinyRun.TrainAsync(_images, options);

    private string WeightsSha256()
    {
        using JsonDocument summary = Json(Path.Combine(_run, "summary.json"));
        return summary.RootElement.GetProperty("weightsSha256").GetString()!;
    }

    private IEnumerable<long> MetricSteps() => File.ReadAllLines(Path.Combine(_run, "metrics.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64());

    private static JsonDocument Json(string path) => JsonDocument.Parse(File.ReadAllBytes(path));
}
