using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>Several coordinators of one run: how they begin, hand the lead over, and end.</summary>
public sealed class PeerTests(LongRun fixture) : IClassFixture<LongRun>
{
    private readonly SmallRun _run = fixture.Run;

    [Fact]
    public void RunToTheEnd_AllHaveAll()
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);

        SmallRun.AssertEnded(cluster.Coordinators[0].WaitForSummary(), _run.WeightsSha256);
        JsonElement summary = cluster.AssertEnded(by: 1);
        Assert.Equal("completed", summary.GetProperty("outcome").GetString());
        Assert.Equal(MetricsOf(cluster.Folders[0]), MetricsOf(cluster.Folders[1]));
    }

    /// <summary>
    /// The last save is the leader's own affair: workers and the run go to the standby, which computes again what it has no checkpoint of.
    /// </summary>
    [SkippableFact]
    public void LeadersDisk_IsFullToTheEnd_TheStandbyEndsTheRun()
    {
        using SmallDisk disk = SmallDisk.Mount();
        using var cluster = new PeerCluster(_run, coordinators: 2, firstFolder: Path.Combine(disk.Path, "run"));
        cluster.Coordinators[1].WaitForCheckpoints(cluster.Folders[1]);
        disk.Fill();

        Assert.Equal(1, cluster.Coordinators[0].WaitForExit());
        cluster.AssertEnded(by: 1);
    }

    /// <summary>A leader that nobody joins ends, and its standby waits in its place.</summary>
    [Fact]
    public void LeaderWithoutWorkers_GivesUp_TheStandbyGoesOnWithNewOnes()
    {
        using var cluster = new PeerCluster(_run, coordinators: 0, workers: 2, places: 2, ofFirst: ["--worker-timeout", "10"]);
        cluster.StartCoordinators(2);
        cluster.Coordinators[1].WaitForCheckpoints(cluster.Folders[1]);
        cluster.KillWorkers();

        Assert.Equal(3, cluster.Coordinators[0].WaitForExit());
        PeerCluster.WaitForLead(cluster.Coordinators[1], term: 2);
        cluster.StartWorkers(2);

        cluster.AssertEnded(by: 1);
    }

    [Fact]
    public void TerminateLeaderAndAWorkerTogether_ItHandsOver()
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);
        cluster.Coordinators[0].WaitForStep(cluster.Folders[0], 150);
        cluster.Coordinators[0].Terminate();
        cluster.TerminateWorker();

        JsonElement summary = cluster.Coordinators[0].WaitForSummary();
        Assert.Equal("handedOver", summary.GetProperty("outcome").GetString());
        // The other one goes on from the very step at which it stopped.
        long steps = summary.GetProperty("steps").GetInt64();
        Assert.Equal(steps, cluster.AssertEnded(by: 1).GetProperty("firstStep").GetInt64());
    }

    [Fact]
    public void PauseLeader_UntilAnotherLeads_ItStandsByWhenItWakesUp()
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);
        cluster.Coordinators[0].WaitForStep(cluster.Folders[0], 150);
        cluster.Coordinators[0].Pause();
        PeerCluster.WaitForLead(cluster.Coordinators[1], term: 2);
        cluster.Coordinators[1].WaitForStep(cluster.Folders[1], 1_000);
        cluster.Coordinators[0].Continue();
        cluster.Coordinators[0].WaitForLine("its yielding", line => line.Contains("is further with the run: yielding to it"));

        cluster.AssertEnded(by: 1);
        Assert.Equal(0, cluster.Coordinators[0].WaitForExit());
    }

    [Fact]
    public void Coordinator_OfAnotherRun_IsToldWhatDiffers()
    {
        using var cluster = new PeerCluster(_run, coordinators: 1, workers: 0, places: 2);
        LockstepProcess other = cluster.Start(1, _run.Options.Select(option => option == "0.05" ? "0.06" : option));

        Assert.Equal(2, other.WaitForExit());
        Assert.Contains("optimizer.learningRate is 0.05 in its run, 0.06 in this one's", other.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Coordinator_ThatIsNotAmongItsPeers_IsTold()
    {
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. _run.Options, "--listen", "127.0.0.1:4053", "--peers", "127.0.0.1:4055,127.0.0.1:4057", "--out", _run.NewOut()]);

        Assert.Equal(2, coordinator.WaitForExit());
        Assert.Contains("this one, 127.0.0.1:4053, is not among them", coordinator.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WorkersFirst_TheyWaitForALeader()
    {
        using var cluster = new PeerCluster(_run, coordinators: 0, workers: 2, places: 2);
        cluster.StartCoordinators(2);

        cluster.AssertEnded(by: 0);
    }

    private static IEnumerable<string> MetricsOf(string folder) => File.ReadLines(Path.Combine(folder, "metrics.jsonl"));
}
