namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>Cables that are cut, and other faults of a network: no process ends, and nobody is told.</summary>
public sealed class NetworkTests(OpenEndedRun run) : IClassFixture<OpenEndedRun>
{
    [SkippableFact]
    public void Unplug_ForTwoSeconds_NobodyIsLostAndTheWorkerGoesOn()
    {
        using TestCluster cluster = TestCluster.Start(run);
        TestMachine cut = cluster.Network.Workers[0];

        cluster.Network.Unplug(cut);
        cluster.WaitForSteps(50, "of the others");
        Thread.Sleep(TimeSpan.FromSeconds(2)); // How long the cable is out.
        cluster.Network.PlugIn(cut);
        cluster.WaitForGradients(cut, 20);

        cluster.StopAndCheck();
        Assert.DoesNotContain(" lost: ", cluster.Coordinator.StandardError);
    }

    [SkippableTheory]
    [InlineData(Cut.AtTheSwitch)]
    [InlineData(Cut.AtTheWorker)]
    [InlineData(Cut.NothingReachesTheWorker)]
    [InlineData(Cut.NothingComesFromTheWorker)]
    [InlineData(Cut.SilentlyBothWays)]
    public void CutOff_UntilTheClusterHasRemovedIt_TheWorkerJoinsAgain(Cut cut)
    {
        using TestCluster cluster = TestCluster.Start(run);
        TestMachine worker = cluster.Network.Workers[1];

        cluster.Apply(cut, worker);
        cluster.WaitForSteps(50, "of the others");
        cluster.Coordinator.WaitForLine("the loss of the worker", line => line.Contains($"worker {worker.Address}:") && line.Contains(" lost: "));
        cluster.Workers[1].WaitForLine("the loss of the coordinator", line => line.Contains("to join again"));
        cluster.Heal(cut, worker);
        cluster.WaitForReady(worker, times: 2);
        cluster.WaitForSteps(50, "of all");

        cluster.StopAndCheck();
    }

    [SkippableFact]
    public void Flapping_CableInAndOut_TheRunGoesOn()
    {
        using TestCluster cluster = TestCluster.Start(run);
        TestMachine flapping = cluster.Network.Workers[2];

        for (int i = 1; i <= 6; i++)
        {
            cluster.Network.Unplug(flapping);
            cluster.WaitForSteps(10, "with the cable out");
            Thread.Sleep(TimeSpan.FromMilliseconds(100 * i)); // How long the cable is out.
            cluster.Network.PlugIn(flapping);
            cluster.WaitForSteps(10, "with the cable in");
        }

        // Lost or not, it takes part.
        cluster.WaitForGradients(flapping, 20);
        cluster.StopAndCheck();
    }

    [SkippableFact]
    public void Bandwidth_OfOneWorkerIsSmall_TheOthersDoNotWaitForIt()
    {
        using TestCluster cluster = TestCluster.Start(run);
        cluster.Network.Repair(cluster.Network.Workers[0], bandwidth: "5mbit");
        cluster.WaitForSteps(300, "with one worker on a thin cable");
        cluster.StopAndCheck();
    }

    [SkippableFact]
    public void CutOff_Coordinator_AllWorkersJoinAgain()
    {
        using TestCluster cluster = TestCluster.Start(run);
        cluster.Apply(Cut.SilentlyBothWays, cluster.Network.Coordinator);
        cluster.Coordinator.WaitForLine("the loss of all workers", line => line.Contains("waiting for workers, 0 of 1"));
        foreach (LockstepProcess worker in cluster.Workers)
            worker.WaitForLine("the loss of the coordinator", line => line.Contains("to join again"));
        cluster.Heal(Cut.SilentlyBothWays, cluster.Network.Coordinator);
        foreach (TestMachine worker in cluster.Network.Workers)
            cluster.WaitForReady(worker, times: 2);
        cluster.WaitForSteps(50, "of all");

        cluster.StopAndCheck();
    }
}

/// <summary>Ways to cut a machine off.</summary>
public enum Cut
{
    /// <summary>The cable is pulled out of the switch.</summary>
    AtTheSwitch,

    /// <summary>The machine's own interface is off.</summary>
    AtTheWorker,

    /// <summary>What is sent to the machine is lost.</summary>
    NothingReachesTheWorker,

    /// <summary>What the machine sends is lost.</summary>
    NothingComesFromTheWorker,

    /// <summary>Everything is lost, on a line that looks sound.</summary>
    SilentlyBothWays,
}
