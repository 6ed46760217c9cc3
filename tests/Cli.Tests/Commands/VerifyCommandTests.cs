using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Data;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Verification;

namespace Lockstep.Cli.Tests.Commands;

/// <summary><c>verify</c>, <c>diff</c> and <c>replay</c> on a run of 12 steps, of which 6, 9 and 12 have checkpoints.</summary>
public sealed class VerifyCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    // A run so short may leave out checkpoints while the disk is busy with those before.
    public async Task InitializeAsync()
    {
        string folder = Path.GetDirectoryName(trained.Checkpoint)!;
        File.Delete(Path.Combine(folder, CheckpointStore.FileName(3)));
        foreach (long step in new[] { 6, 9 })
        {
            string file = Path.Combine(folder, CheckpointStore.FileName(step));
            if (!File.Exists(file))
                Assert.Equal(
                    ExitCode.Done, (await CommandRun.RunAsync(["replay", trained.Run, "--to", $"{step}", "--out", file])).ExitCode);
        }
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Verify_UntouchedRun_IsIdenticalWithAnyNumberOfWorkers()
    {
        CommandRun run = await CommandRun.RunAsync(["verify", trained.Run]);
        CommandRun two = await CommandRun.RunAsync(["verify", trained.Run, "--workers", "2", "--data-dir", trained.Images, "--json"]);

        string sha256 = CheckpointStore.Load(trained.Run).Checkpoint.WeightsSha256;
        Assert.Equal((ExitCode.Done, $"identical: 12 steps, sha256 {sha256}"), (run.ExitCode, run.Out.TrimEnd()));
        Assert.Contains("12 steps of the trace, 3 checkpoints", run.Error, StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse(two.Out).RootElement;
        Assert.True(json.GetProperty("identical").GetBoolean());
        Assert.Equal(sha256, json.GetProperty("weightsSha256").GetString());
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(7, 3)]
    [InlineData(7, 50)]
    [InlineData(12, 60)]
    public async Task Verify_DigitOfTheTraceChanged_NamesItsStep(int step, int digit)
    {
        string copy = trained.CopyTo(_folder);
        ChangeTrace(copy, step, digit);

        CommandRun run = await CommandRun.RunAsync(["verify", copy]);
        CommandRun before = await CommandRun.RunAsync(["verify", copy, "--to", $"{step - 1}"]);

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        Assert.StartsWith($"different: step {step}: the trace has", run.Out, StringComparison.Ordinal);
        Assert.StartsWith($"identical: {step - 1} step", before.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_CheckpointWithOtherWeights_NamesStepParameterAndElement()
    {
        string copy = trained.CopyTo(_folder), file = Path.Combine(copy, "checkpoints", CheckpointStore.FileName(9));
        Checkpoint checkpoint = CheckpointStore.Load(file).Checkpoint;
        checkpoint.Parameters.Single(tensor => tensor.Name == "layer1/weights").Values[3] += 0.5f;
        Replace(file, checkpoint);

        CommandRun run = await CommandRun.RunAsync(["verify", copy]);

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        Assert.StartsWith("different: step 9: ", run.Out, StringComparison.Ordinal);
        Assert.Contains("layer1/weights[1, 1] is ", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(12)]
    public async Task Verify_CheckpointOfAnotherSeed_NamesItsStepAndTheSeeds(long step)
    {
        string copy = trained.CopyTo(_folder), file = Path.Combine(copy, "checkpoints", CheckpointStore.FileName(step));
        Checkpoint checkpoint = CheckpointStore.Load(file).Checkpoint;
        Replace(file, checkpoint with { Spec = checkpoint.Spec with { Seed = 77 } });

        CommandRun run = await CommandRun.RunAsync(["verify", copy]);

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        Assert.StartsWith($"different: step {step}: ", run.Out, StringComparison.Ordinal);
        Assert.Contains("seed is 1 in the run, 77 in it", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WithoutATrace_ComparesTheCheckpoints()
    {
        string copy = trained.CopyTo(_folder);
        File.Delete(Path.Combine(copy, "trace.txt"));

        CommandRun run = await CommandRun.RunAsync(["verify", copy]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("without a trace, 3 checkpoints", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_FineTunedRun_FindsWhatItBeganWithOrSaysWhatIsMissing()
    {
        string tuned = _folder.File("tuned"), moved = _folder.File("moved"), source = trained.CopyTo(_folder);
        CommandRun training = await TinyRun.TrainAsync(
            trained.Images, "--out", tuned, "--model", "784-5-2", "--init-from", source, "--freeze", "layer0/biases", "--steps", "4");
        Assert.Equal(ExitCode.Done, training.ExitCode);

        CommandRun found = await CommandRun.RunAsync(["verify", tuned]);
        Directory.Move(source, moved);
        CommandRun lost = await CommandRun.RunAsync(["verify", tuned]);
        CommandRun wrong = await CommandRun.RunAsync(
            ["verify", tuned, "--init-from", Path.Combine(moved, "checkpoints", CheckpointStore.FileName(6))]);
        File.Delete(Path.Combine(tuned, "config.json"));
        CommandRun unsaid = await CommandRun.RunAsync(["verify", tuned, "--data-dir", trained.Images]);
        CommandRun given = await CommandRun.RunAsync(["verify", tuned, "--data-dir", trained.Images, "--init-from", moved]);

        Assert.StartsWith("identical: 4 steps", found.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCode.BadInput, ExitCode.BadInput, ExitCode.BadInput), (lost.ExitCode, wrong.ExitCode, unsaid.ExitCode));
        Assert.Contains(source, lost.Error, StringComparison.Ordinal);
        Assert.Contains("does not have them", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("config.json does not say where they came from", unsaid.Error, StringComparison.Ordinal);
        Assert.Equal(found.Out, given.Out);
    }

    [Fact]
    public async Task Verify_ResumedIntoAnotherFolder_ComparesTheTraceFromThereOn()
    {
        string other = _folder.File("other");
        CommandRun training = await TinyRun.TrainAsync(
            trained.Images, "--resume", Path.Combine(trained.Run, "checkpoints", CheckpointStore.FileName(6)), "--out", other, "--data-dir",
            trained.Images);
        Assert.Equal(ExitCode.Done, training.ExitCode);

        CommandRun verified = await CommandRun.RunAsync(["verify", other]);
        CommandRun compared = await CommandRun.RunAsync(["diff", trained.Run, other]);

        Assert.StartsWith("identical: 12 steps", verified.Out, StringComparison.Ordinal);
        Assert.Contains("6 steps of the trace", verified.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, compared.ExitCode);
    }

    [Fact]
    public async Task Verify_MadeLongerOnResume_HasOneTrace()
    {
        string copy = trained.CopyTo(_folder);
        CommandRun training = await TinyRun.TrainAsync(trained.Images, "--resume", copy, "--epochs", "5");
        Assert.Equal(
            (ExitCode.Done, ""),
            (
                training.ExitCode,
                string.Concat(training.Error.Split('\n').Where(line => line.StartsWith("warning", StringComparison.Ordinal)))));

        CommandRun run = await CommandRun.RunAsync(["verify", copy]);

        Assert.StartsWith("identical: 15 steps", run.Out, StringComparison.Ordinal);
        Assert.StartsWith(
            File.ReadAllText(Path.Combine(trained.Run, "trace.txt")), File.ReadAllText(Path.Combine(copy, "trace.txt")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_TraceThatCannotBeWritten_WarnsOnceAndGoesOn()
    {
        string run = _folder.File("untraced");
        _ = Directory.CreateDirectory(Path.Combine(run, "trace.txt"));

        CommandRun training = await TinyRun.TrainAsync(trained.Images, "--out", run, "--steps", "5");

        Assert.Equal(ExitCode.Done, training.ExitCode);
        Assert.Single(training.Error.Split('\n'), line => line.Contains("The trace ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Diff_SameWeights_IsZeroAndSaysSo()
    {
        CommandRun run = await CommandRun.RunAsync(["diff", trained.Run, trained.CopyTo(_folder)]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Matches("(?m)^the same +up to step 12\r?$", run.Out);
    }

    [Fact]
    public async Task Diff_ChangedLineAndCheckpoint_NamesStepParameterAndBothValues()
    {
        string copy = trained.CopyTo(_folder), file = Path.Combine(copy, "checkpoints", CheckpointStore.FileName(9));
        ChangeTrace(copy, step: 7, digit: 5);
        Checkpoint checkpoint = CheckpointStore.Load(file).Checkpoint;
        float[] values = checkpoint.Parameters.Single(tensor => tensor.Name == "layer0/biases").Values;
        float before = values[2];
        values[1] += 0.25f;
        values[2] = 9.5f;
        Replace(file, checkpoint);

        CommandRun run = await CommandRun.RunAsync(["diff", trained.Run, copy, "--json"]);

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        JsonElement json = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal((7, 6), (json.GetProperty("firstDifferentStep").GetInt32(), json.GetProperty("sameSteps").GetInt32()));
        JsonElement largest = json.GetProperty("largestDifference");
        Assert.Equal(
            (9, "layer0/biases", 2),
            (
                largest.GetProperty("step").GetInt32(), largest.GetProperty("parameter").GetString(),
                largest.GetProperty("index")[0].GetInt32()));
        Assert.Equal(
            (before, 9.5f, 2),
            (largest.GetProperty("a").GetSingle(), largest.GetProperty("b").GetSingle(), largest.GetProperty("differing").GetInt32()));
    }

    [Fact]
    public async Task Diff_AnotherSpec_SaysWhatDiffersInIt()
    {
        string other = _folder.File("other");
        await TinyRun.TrainFourEpochsAsync(trained.Images, other, "--model", "784-5-2", "--learning-rate", "0.07");

        CommandRun run = await CommandRun.RunAsync(["diff", trained.Run, other]);

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        Assert.Matches("(?m)^first difference +step 1\r?$", run.Out);
        Assert.Matches("(?m)^run spec +optimizer.learningRate is 0.05 in A, 0.07 in B\r?$", run.Out);
        Assert.Matches(@"(?m)^largest difference +after step 6: layer\d/\w+\[[\d, ]+\] is ", run.Out);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(12)]
    public async Task Replay_StepWhoseCheckpointIsGone_WritesItAgainByteForByte(long step)
    {
        string copy = trained.CopyTo(_folder), file = Path.Combine(copy, "checkpoints", CheckpointStore.FileName(step)),
        again = _folder.File("again.ckpt");
        foreach ((string path, long _) in new CheckpointStore(
            Path.GetDirectoryName(file)!).List().Where(found => found.Step != 6 && (step == 12 || found.Step != 12)))
            File.Delete(path);

        CommandRun run = await CommandRun.RunAsync(["replay", copy, "--to", $"{step}", "--out", again]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("from the checkpoint of step 6", run.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(trained.Run, "checkpoints", CheckpointStore.FileName(step))), File.ReadAllBytes(again));
        Checkpoint checkpoint = CheckpointStore.Load(again).Checkpoint;
        LoadedDataset loaded = await new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = _folder.Path })
            .LoadAsync(new DatasetRequest { Name = "mnist", DataDirectory = trained.Images, Offline = true });
        var local = new LocalTrainer(checkpoint.Spec, loaded.Data.Training);
        _ = local.Run(step);
        Assert.Null(TensorDifference.Largest(CheckpointTensors.CopyFrom(local.Layout, local.Weights), checkpoint.Parameters));
        Assert.Null(TensorDifference.Largest(CheckpointTensors.CopyFrom(local.Layout, local.State), checkpoint.Slots[0].Tensors));
        Assert.Equal(4, checkpoint.Slots[0].Tensors.Count);
    }

    [Fact]
    public async Task Replay_StepWithoutACheckpoint_CanBeResumedToTheSameEnd()
    {
        string file = _folder.File("step5.ckpt"), resumed = _folder.File("resumed");
        CommandRun run = await CommandRun.RunAsync(["replay", trained.Run, "--to", "5", "--out", file]);
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("from the beginning", run.Error, StringComparison.Ordinal);

        CommandRun training = await TinyRun.TrainAsync(trained.Images, "--resume", file, "--out", resumed, "--data-dir", trained.Images);

        Assert.Equal(ExitCode.Done, training.ExitCode);
        Assert.Equal(CheckpointStore.Load(trained.Run).Checkpoint.WeightsSha256, CheckpointStore.Load(resumed).Checkpoint.WeightsSha256);
    }

    [Fact]
    public async Task Replay_RunThatDiffersOnTheWay_WritesNothing()
    {
        string copy = trained.CopyTo(_folder), file = _folder.File("step8.ckpt");
        ChangeTrace(copy, step: 7, digit: 5);

        CommandRun run = await CommandRun.RunAsync(["replay", copy, "--to", "8", "--out", file]);

        Assert.Equal(ExitCode.RunFailed, run.ExitCode);
        Assert.Contains("step 7 differs from the run", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task VerifyDiffReplay_Mistakes_AreExplained()
    {
        foreach ((string line, string expected) in new[]
        {
            ("verify /nonexistent", "does not exist"),
            ($"verify {trained.Run} --to 13", "got to step 12"),
            ($"verify {trained.Images}", "neither a trace nor a checkpoint"),
            ($"diff {trained.Run}", "Another RUN is missing"),
            ($"diff {trained.Run} /nonexistent", "does not exist"),
            ($"replay {trained.Run}", "2 mistakes"),
            ($"replay {trained.Run} --to 13 --out {_folder.File("x.ckpt")}", "has 12 steps"),
            ($"replay {trained.Run} --to 3 --out {trained.Checkpoint}", "exists"),
        })
        {
            CommandRun run = await CommandRun.RunAsync(line.Split(' '));

            Assert.Equal(ExitCode.BadInput, run.ExitCode);
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Changes a hexadecimal digit in the line of a step.</summary>
    private static void ChangeTrace(string run, int step, int digit)
    {
        const int header = 3;
        string path = Path.Combine(run, "trace.txt");
        string[] lines = File.ReadAllLines(path);
        char[] line = lines[header + step - 1].ToCharArray();
        line[digit] = line[digit] == 'a' ? 'b' : 'a';
        lines[header + step - 1] = new string(line);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
    }

    private static void Replace(string file, Checkpoint checkpoint)
    {
        using var digest = new WeightsDigest();
        foreach (NamedTensor tensor in checkpoint.Parameters.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
            digest.Append(tensor.Name, tensor.Shape, tensor.Values);
        File.Delete(file);
        CheckpointStore.SaveAs(checkpoint with { WeightsSha256 = digest.ToHexString() }, file);
    }
}
