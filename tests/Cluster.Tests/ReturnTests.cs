namespace Lockstep.Cluster.Tests;

/// <summary>Processes that are gone for a while, and go on where they were not missed.</summary>
public sealed class ReturnTests(SmallRun run) : IClassFixture<SmallRun>
{
    private const int Stop = 19, Continue = 18;

    [Fact]
    public void KillCoordinator_MidRun_WorkersGoOnWithTheNextOneToTheSameBytes()
    {
        string folder = run.NewOut(), address = $"127.0.0.1:{FreePorts.Pair()}";
        string[] more = ["--listen", address, "--min-workers", "2", "--out", folder, "--json"];
        using LockstepProcess first = LockstepProcess.Start(["coordinator", .. run.Options, .. more]);
        first.WaitForLine("the address to join", line => line.Contains("--join"));
        using LockstepProcess a = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        using LockstepProcess b = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        first.WaitForCheckpoints(folder);
        first.Kill();
        first.WaitForExit();
        a.WaitForLine("the loss of the coordinator", line => line.Contains("to join again"));
        b.WaitForLine("the loss of the coordinator", line => line.Contains("to join again"));

        using LockstepProcess second = LockstepProcess.Start(["coordinator", "--resume", folder, "--data-dir", run.DataDirectory, .. more]);

        SmallRun.AssertEnded(second.WaitForSummary(), run.WeightsSha256);
        Assert.Equal((0, 0), (a.WaitForExit(), b.WaitForExit()));
    }

    [Fact]
    public void PauseWorker_UntilTheClusterHasRemovedIt_ItComesBackAndTheBytesStay()
    {
        // The only worker: the run waits for it, however long it sleeps.
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. run.Options, "--out", run.NewOut(), "--min-workers", "1", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        coordinator.WaitForLine("the third epoch", line => line.Contains("epoch  3/"));
        LockstepProcess.Signal(worker.Id, Stop);
        coordinator.WaitForLine("the loss of the worker", line => line.Contains(" lost: "));
        LockstepProcess.Signal(worker.Id, Continue);

        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        Assert.Equal(0, worker.WaitForExit());
    }

    [Fact]
    public void PauseWorker_ForAWhile_TheOthersTakeItsShardsAndItGoesOn()
    {
        using LockstepProcess train = LockstepProcess.Start(run.Train(run.NewOut(), "--workers", "3", "--lanes", "1"));
        train.WaitForLine("the fifth epoch", line => line.Contains("epoch  5/"));
        int worker = train.Children()[0];
        LockstepProcess.Signal(worker, Stop);
        train.WaitForLine("ten more epochs without it", line => line.Contains("epoch 15/"));
        LockstepProcess.Signal(worker, Continue);
        SmallRun.AssertEnded(train.WaitForSummary(), run.WeightsSha256);
    }

    [Fact]
    public void TerminateWorker_MidRun_ItHandsBackAndLeavesAndTheOthersGoOn()
    {
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. run.Options, "--out", run.NewOut(), "--min-workers", "3", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        LockstepProcess[] workers =
            [.. Enumerable.Range(0, 3).Select(_ => LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]))];
        try
        {
            coordinator.WaitForLine("the third epoch", line => line.Contains("epoch  3/"));
            workers[0].Terminate();
            Assert.Equal(0, workers[0].WaitForExit());
            Assert.Contains(
                "it was asked to stop", coordinator.WaitForLine("the leave of the worker", line => line.Contains(" left: ")),
                StringComparison.Ordinal);

            // It comes back, as a new member, and another one leaves.
            workers[0].Dispose();
            workers[0] = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
            workers[1].Terminate();
            Assert.Equal(0, workers[1].WaitForExit());

            SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
            Assert.DoesNotContain(" lost: ", coordinator.StandardError);
            Assert.Equal(0, workers[2].WaitForExit());
        }
        finally
        {
            foreach (LockstepProcess worker in workers)
                worker.Dispose();
        }
    }
}
