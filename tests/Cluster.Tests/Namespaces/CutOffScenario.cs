namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>One worker that is cut off, in each way there is, until the cluster has removed it. Classes run side by side: they wait.</summary>
public abstract class CutOffScenario(OpenEndedRun run)
{
    protected void UntilTheClusterHasRemovedIt(Cut cut)
    {
        using TestCluster cluster = TestCluster.Start(run);
        TestMachine worker = cluster.Network.Workers[1];

        cluster.Apply(cut, worker);
        cluster.WaitForSteps(50, "of the others");
        cluster.Coordinator.WaitForLine(
            "the loss of the worker", line => line.Contains($"worker {worker.Address}:") && line.Contains(" lost: "));
        cluster.Workers[1].WaitForLine("the loss of the coordinator", line => line.Contains("to join again"));
        cluster.Heal(cut, worker);
        cluster.WaitForReady(worker, times: 2);
        cluster.WaitForSteps(50, "of all");

        cluster.StopAndCheck();
    }
}
