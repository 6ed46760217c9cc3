using System.Text.Json;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cluster.Tests;

/// <summary>A run folder on a disk that is full for a while or for good, and one whose newest checkpoint is damaged.</summary>
public sealed class DiskTests(SmallRun run) : IClassFixture<SmallRun>
{
    [SkippableFact]
    public void FullDisk_ForAWhile_NothingIsMissingAfterwards()
    {
        using SmallDisk disk = SmallDisk.Mount();
        string folder = Path.Combine(disk.Path, "run");
        using LockstepProcess train = LockstepProcess.Start(run.Train(folder, "--workers", "2", "--keep-checkpoints", "3"));
        train.WaitForStep(folder, 150);
        disk.Fill();
        train.WaitForLine("a warning", line => line.Contains("no checkpoint of step"));
        disk.Free();

        SmallRun.AssertEnded(train.WaitForSummary(), run.WeightsSha256);
        run.AssertTrace(folder);
        Assert.Equal(run.WeightsSha256, CheckpointStore.Load(folder).Checkpoint.WeightsSha256);
        AssertEpochs(folder, SmallRun.Epochs);
        Assert.All(File.ReadLines(Path.Combine(folder, "events.jsonl")), line => JsonDocument.Parse(line).Dispose());
    }

    [SkippableFact]
    public void FullDisk_ToTheEnd_TheWeightsAreSavedElsewhereAndTheRunCanBeResumed()
    {
        using SmallDisk disk = SmallDisk.Mount();
        string folder = Path.Combine(disk.Path, "run"), temporary = Directory.CreateDirectory(run.NewOut()).FullName;
        using (LockstepProcess train = LockstepProcess.Start(
            run.Train(folder, "--workers", "1", "--keep-checkpoints", "3"), ("TMPDIR", temporary)))
        {
            train.WaitForCheckpoints(folder);
            disk.Fill();
            Assert.Equal(1, train.WaitForExit());
            Assert.Contains("No space left on device", train.StandardError);
            Assert.Contains("They were saved as", train.StandardError);
            Assert.DoesNotContain("unexpectedly", train.StandardError);
            Assert.DoesNotContain("   at ", train.StandardError);
        }

        string saved = Assert.Single(Directory.GetFiles(temporary, "lockstep-*.ckpt"));
        Assert.Equal(run.WeightsSha256, CheckpointStore.Load(saved).Checkpoint.WeightsSha256);

        disk.Free();
        using LockstepProcess resumed = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", run.DataDirectory, "--workers", "1", "--json"]);
        SmallRun.AssertEnded(resumed.WaitForSummary(), run.WeightsSha256);
        run.AssertTrace(folder);
        AssertEpochs(folder, SmallRun.Epochs);
    }

    [Fact]
    public void NewestCheckpoint_IsDamaged_TheOneBeforeIsResumed()
    {
        string folder = run.NewOut();
        using (LockstepProcess train = LockstepProcess.Start(run.Train(folder, "--workers", "1")))
        {
            train.WaitForCheckpoints(folder, 2);
            train.Kill();
            train.WaitForExit();
        }

        string newest = Directory.GetFiles(Path.Combine(folder, "checkpoints"), "*.ckpt").Order(StringComparer.Ordinal).Last();
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(newest, bytes);

        using LockstepProcess resumed = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", run.DataDirectory, "--workers", "2", "--json"]);
        SmallRun.AssertEnded(resumed.WaitForSummary(), run.WeightsSha256);
        Assert.Contains(Path.GetFileName(newest), resumed.StandardError);
        run.AssertTrace(folder);
    }

    private static void AssertEpochs(string folder, int epochs)
    {
        int[] recorded = [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl"))
            .Select(line => (int)JsonDocument.Parse(line).RootElement.GetProperty("epoch").GetDouble())];
        Assert.Equal(Enumerable.Range(1, epochs), recorded);
    }
}
