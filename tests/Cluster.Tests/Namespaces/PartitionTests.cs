namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>Machines that are cut off for longer than the cluster bears with them.</summary>
public sealed class PartitionTests(OpenEndedRun run) : IClassFixture<OpenEndedRun>
{
    [SkippableFact]
    public void CutOff_TwoWorkersFromEachOther_OneExchangesNoSlicesNobodyIsLostAndAnotherMayJoin()
    {
        using TestCluster cluster = TestCluster.Start(run, transport: "slices");
        TestNetwork.Part(cluster.Network.Workers[0], cluster.Network.Workers[1]);
        cluster.Coordinator.WaitForLine("the two to be named", line => line.Contains(" does not reach worker "));
        // They have noticed, and longer than the coordinator would wait for one that it does not hear.
        Thread.Sleep(TimeSpan.FromSeconds(14));
        using LockstepProcess another = cluster.Join(cluster.Network.Workers[2]);
        cluster.WaitForReady(cluster.Network.Workers[2], times: 2);
        cluster.WaitForSteps(50, "of all");

        cluster.StopAndCheck();
        Assert.Equal(0, another.WaitForExit());
        Assert.DoesNotContain(" lost: ", cluster.Coordinator.StandardError);
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
