using System.Text.Json;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Cluster.Tests;

/// <summary><c>train</c> computes in its own process until its workers are ready.</summary>
public sealed class OwnWorkerTests(SmallRun run) : IClassFixture<SmallRun>
{
    private const int Epochs = 100_000; // Ends only when it is asked to.

    [Fact]
    public void Train_WorkersBecomeReadyMidRun_TakeOverWithTheSameBytes()
    {
        string folder = run.NewOut();
        using (LockstepProcess train = Start(folder))
        {
            train.WaitForLine("the beginning", line => line.Contains("training in this process until the workers are ready"));
            train.WaitForLine("the takeover", line => line.Contains("training with 2 workers, 2 lanes, on from step"));
            train.Terminate();
            Assert.Equal(0, train.WaitForExit());
        }

        AssertTrace(folder);
    }

    [Fact]
    public void Train_WorkersDieAfterTheTakeover_EndsWithWhatIsDone() => KillWorkers(
        train => train.WaitForLine("the takeover", line => line.Contains("training with 2 workers")));

    [Fact]
    public void Train_WorkersDieBeforeTheyAreReady_EndsWithWhatIsDone() => KillWorkers(
        train => Assert.True(SpinWait.SpinUntil(() => train.Children().Count == 2, TimeSpan.FromMinutes(1))));

    [Fact]
    public void Terminate_BeforeTheTakeover_SavesWhatIsDone()
    {
        string folder = run.NewOut();
        using (LockstepProcess train = Start(folder))
        {
            train.WaitForLine("the beginning", line => line.Contains("training in this process"));
            train.Terminate();
            Assert.Equal(0, train.WaitForExit());
        }

        AssertTrace(folder);
    }

    [Fact]
    public void Train_OverBeforeWorkersWouldBeReady_StartsNone()
    {
        string folder = run.NewOut();
        using LockstepProcess train = LockstepProcess.Start(run.TrainAtOnce(folder, "--workers", "2", "--epochs", "1"));
        Assert.Equal(1, train.WaitForSummary().GetProperty("workers").GetInt32());
    }

    private void KillWorkers(Action<LockstepProcess> wait)
    {
        string folder = run.NewOut();
        using (LockstepProcess train = Start(folder))
        {
            wait(train);
            foreach (int worker in train.Children())
                LockstepProcess.Signal(worker, 9);
            Assert.Equal(3, train.WaitForExit());
            Assert.Contains("All workers are lost", train.StandardError);
        }

        AssertTrace(folder);
    }

    private LockstepProcess Start(string folder) => LockstepProcess.Start(run.TrainAtOnce(
        folder, "--workers", "2", "--lanes", "1", "--epochs", $"{Epochs}", "--checkpoint-every", "1000epochs", "--eval-every",
        "1000epochs"));

    private void AssertTrace(string folder)
    {
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")));
        RunSpec spec = run.Spec with { TotalSteps = (long)Epochs * run.Spec.StepsPerEpoch };
        long steps = summary.RootElement.GetProperty("steps").GetInt64();
        string expected = SmallRun.TraceOf(new LocalTrainer(spec, run.Data.Training), spec, steps);
        Assert.Equal(expected, File.ReadAllText(Path.Combine(folder, "trace.txt")));
    }
}
