namespace Lockstep.Cluster.Tests.Namespaces;

/// <summary>Coordinators that are cut off from each other and come back: two leaders are harmless, and soon there is one.</summary>
public sealed class PeerCutTests(OpenEndedRun run) : IClassFixture<OpenEndedRun>
{
    [SkippableFact]
    public void CutOff_Leader_AnotherLeadsAndTheOldOneStandsByWhenItIsBack()
    {
        TestNetwork.SkipUnlessPossible();
        using var network = new TestNetwork();
        using var peers = new Peers(network, run);
        network.Unplug(network.Coordinator);
        peers.Second.WaitForLine("the lead", line => line.StartsWith("leading run ", StringComparison.Ordinal));
        OpenEndedRun.WaitForSteps(peers.Second, 50, "under the second coordinator");
        network.PlugIn(network.Coordinator);
        peers.First.WaitForLine("the new leader", IsStandingBy);
        OpenEndedRun.WaitForSteps(peers.Second, 50, "after the cut");

        peers.AssertEnded(peers.Second, peers.Folders[1], peers.First);
    }

    [SkippableFact]
    public void CutOff_Standby_ItLeadsAloneAndFollowsAgainWhenItIsBack()
    {
        TestNetwork.SkipUnlessPossible();
        using var network = new TestNetwork();
        using var peers = new Peers(network, run);
        network.Unplug(network.Workers[0]);
        peers.Second.WaitForLine("the lead", line => line.StartsWith("leading run ", StringComparison.Ordinal));
        OpenEndedRun.WaitForSteps(peers.First, 50, "during the cut");
        network.PlugIn(network.Workers[0]);
        int before = peers.Second.StandardError.Split('\n').Count(IsStandingBy);
        peers.Second.WaitForLine("the leader again", line => IsStandingBy(line) && --before < 0);
        OpenEndedRun.WaitForSteps(peers.First, 50, "after the cut");

        peers.AssertEnded(peers.First, peers.Folders[0], peers.Second);
    }

    /// <summary>The leader dies while the standby is cut off: workers go on under that when they can reach it.</summary>
    [SkippableFact]
    public void CutOff_Standby_LeaderKilledMeanwhile_WorkersGoOnUnderTheStandby()
    {
        TestNetwork.SkipUnlessPossible();
        using var network = new TestNetwork();
        using var peers = new Peers(network, run);
        network.Unplug(network.Workers[0]);
        peers.Second.WaitForLine("the lead", line => line.StartsWith("leading run ", StringComparison.Ordinal));
        peers.First.Kill();
        network.PlugIn(network.Workers[0]);
        OpenEndedRun.WaitForSteps(peers.Second, 50, "under the second coordinator");

        peers.AssertEnded(peers.Second, peers.Folders[1]);
    }

    private static bool IsStandingBy(string line) => line.StartsWith("standing by for the coordinator", StringComparison.Ordinal);

    /// <summary>Two coordinators and two workers, each on a machine of its own.</summary>
    private sealed class Peers : IDisposable
    {
        private readonly OpenEndedRun _run;
        private readonly LockstepProcess[] _workers;

        public Peers(TestNetwork network, OpenEndedRun run)
        {
            _run = run;
            TestMachine[] machines = [network.Coordinator, network.Workers[0]];
            string all = string.Join(',', machines.Select(machine => $"{machine.Address}:4100"));
            Folders = [run.NewOut(), run.NewOut()];
            First = Start(0);
            First.WaitForLine("its lead", line => line.StartsWith("waiting for workers", StringComparison.Ordinal));
            Second = Start(1);
            Second.WaitForLine("its place", IsStandingBy);
            string[] worker = ["worker", "--join", all, "--secret-file", run.SecretFile, "--lanes", "1"];
            _workers = [LockstepProcess.StartIn(
                network.Workers[1].Namespace, worker), LockstepProcess.StartIn(network.Workers[2].Namespace, worker)];
            Second.WaitForCheckpoints(Folders[1]);

            LockstepProcess Start(int place) => LockstepProcess.StartIn(machines[place].Namespace, run.Coordinator(
                Folders[place], "--listen", $"{machines[place].Address}:4100", "--peers", all, "--secret-file", run.SecretFile,
                "--min-workers", "2"));
        }

        public string[] Folders { get; }

        public LockstepProcess First { get; }

        public LockstepProcess Second { get; }

        /// <summary>Stops the run, the one that stands by first, and checks what there is.</summary>
        public void AssertEnded(LockstepProcess leader, string folder, LockstepProcess? standby = null)
        {
            standby?.Terminate();
            Assert.Equal(0, standby?.WaitForExit() ?? 0);
            if (standby is not null)
                leader.WaitForLine(
                    "the leaving of the standby",
                    line => line.StartsWith("standby ", StringComparison.Ordinal) && line.Contains(" lost: "));
            _run.StopAndCheck(leader, folder);
            Assert.All(_workers, worker => Assert.Equal(0, worker.WaitForExit()));
        }

        public void Dispose()
        {
            foreach (LockstepProcess process in _workers.Append(First).Append(Second))
                process.Dispose();
        }
    }
}
