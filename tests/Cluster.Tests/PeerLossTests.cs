namespace Lockstep.Cluster.Tests;

/// <summary>Several coordinators of one run, each started by the same command: one leads, and when it dies another one does.</summary>
public sealed class PeerLossTests(LongRun fixture) : IClassFixture<LongRun>
{
    private readonly SmallRun _run = fixture.Run;

    [Theory]
    [InlineData(1, "auto")]
    [InlineData(2, "slices")]
    public void KillLeader_AtAStepOfASeed_TheOtherEndsWithTheSameBytes(int seed, string transport)
    {
        using var cluster = new PeerCluster(_run, coordinators: 2, transport: transport);
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
}
