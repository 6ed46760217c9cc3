namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>A leading coordinator that is cut off from its standby and from all workers, and comes back.</summary>
public sealed class StandbyCutTests(OpenEndedRun run) : IClassFixture<OpenEndedRun>
{
    [SkippableFact]
    public void CutOff_Leader_TheStandbyLeadsAndTheOldOneEnds()
    {
        TestNetwork.SkipUnlessPossible();
        using var network = new TestNetwork();
        (TestMachine first, TestMachine second) = (network.Coordinator, network.Workers[0]);
        string join = $"{first.Address}:4100,{second.Address}:4100";
        string[] folders = [run.NewOut(), run.NewOut()];
        using LockstepProcess leader = LockstepProcess.StartIn(
            first.Namespace, run.Coordinator(folders[0], "--listen", $"{first.Address}:4100", "--secret-file", run.SecretFile, "--min-workers", "2"));
        leader.WaitForLine("the address to join", line => line.Contains("--join"));
        using LockstepProcess standby = LockstepProcess.StartIn(
            second.Namespace, run.Coordinator(folders[1], "--listen", $"{second.Address}:4100", "--secret-file", run.SecretFile, "--standby", "--join", join));
        standby.WaitForLine("its place", line => line.StartsWith("standing by for the coordinator", StringComparison.Ordinal));
        string[] worker = ["worker", "--join", join, "--secret-file", run.SecretFile, "--lanes", "1"];
        using LockstepProcess a = LockstepProcess.StartIn(network.Workers[1].Namespace, worker);
        using LockstepProcess b = LockstepProcess.StartIn(network.Workers[2].Namespace, worker);
        standby.WaitForCheckpoints(folders[1]);

        network.Unplug(first);
        standby.WaitForLine("the lead", line => line.StartsWith("leading with term 2", StringComparison.Ordinal));
        OpenEndedRun.WaitForSteps(standby, 50, "under the standby");
        Assert.Equal(3, leader.WaitForExit());
        network.PlugIn(first);
        OpenEndedRun.WaitForSteps(standby, 50, "after the cut");

        run.StopAndCheck(standby, folders[1]);
        Assert.Equal((0, 0), (a.WaitForExit(), b.WaitForExit()));
    }
}
