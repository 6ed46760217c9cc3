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
        Thread.Sleep(TimeSpan.FromSeconds(2)); // How long the cable is out; much longer, and the cluster would remove the worker.
        cluster.WaitForSteps(10, "of the others");
        cluster.Network.PlugIn(cut);
        cluster.WaitForGradients(cut, 20);

        cluster.StopAndCheck();
        Assert.DoesNotContain(" lost: ", cluster.Coordinator.StandardError);
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
}
