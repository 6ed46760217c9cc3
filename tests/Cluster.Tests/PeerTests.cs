using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>Several coordinators of one run, each started by the same command: one leads, and when it is gone another one does.</summary>
public sealed class PeerTests(LongRun fixture) : IClassFixture<LongRun>
{
    private readonly SmallRun _run = fixture.Run;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void KillLeader_AtAStepOfASeed_TheOtherEndsWithTheSameBytes(int seed)
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);
        cluster.Coordinators[0].WaitForStep(cluster.Folders[0], new Random(seed).NextInt64(1, _run.Spec.TotalSteps / 2));
        cluster.Coordinators[0].Kill();

        cluster.AssertEnded(by: 1);
    }

    [Fact]
    public void KillLeaderAgainAndAgain_StartedWithTheirOldCommand_TheyFollowAndTheRunEndsWithTheSameBytes()
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);
        for (int leader = 0; leader < 2; leader++)
        {
            cluster.Coordinators[leader].WaitForStep(cluster.Folders[leader], 300 * (leader + 1));
            cluster.Coordinators[1 - leader].WaitForCheckpoints(cluster.Folders[1 - leader]);
            cluster.Coordinators[leader].Kill();
            PeerCluster.WaitForLead(cluster.Coordinators[1 - leader], term: leader + 2);
            cluster.Restart(leader);
        }

        cluster.AssertEnded(by: 0);
        Assert.Equal(0, cluster.Coordinators[1].WaitForExit());
    }

    [Fact]
    public void KillLeader_BeforeItsFirstCheckpoint_TheOtherBeginsTheSameRunAnew()
    {
        using var cluster = new PeerCluster(_run, coordinators: 2, workers: 0);
        cluster.Coordinators[0].Kill();
        PeerCluster.WaitForLead(cluster.Coordinators[1], term: 2);
        cluster.StartWorkers(2);

        cluster.AssertEnded(by: 1);
    }

    [Fact]
    public void KillLeaderThenAllWorkers_NewWorkersJoinTheNextLeader()
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);
        cluster.Coordinators[0].WaitForStep(cluster.Folders[0], 150);
        cluster.Coordinators[0].Kill();
        cluster.KillWorkers();
        cluster.StartWorkers(2);

        cluster.AssertEnded(by: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void StandbyLeaves_ThenAllWorkersDie_TheLeaderWaitsForNewOnes(bool isAsked)
    {
        using var cluster = new PeerCluster(_run, coordinators: 2);
        cluster.Coordinators[0].WaitForStep(cluster.Folders[0], 150);
        if (isAsked)
            cluster.Coordinators[1].Terminate();
        else
            cluster.Coordinators[1].Kill();
        cluster.Coordinators[0].WaitForLine(
            "the loss of the standby", line => line.StartsWith("standby ", StringComparison.Ordinal) && line.Contains(" lost: "));
        cluster.KillWorkers();
        cluster.Coordinators[0].WaitForLine(
            "the loss of all workers", line => line.StartsWith("waiting for workers, 0 of 1 ready", StringComparison.Ordinal));
        cluster.StartWorkers(2);

        cluster.AssertEnded(by: 0);
    }

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
