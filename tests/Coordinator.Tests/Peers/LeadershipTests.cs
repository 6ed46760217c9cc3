using Lockstep.Coordinator.Peers;
using Lockstep.Model.Training;
using Lockstep.Shared;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Tests.Peers;

public class LeadershipTests
{
    private const ulong Run = 77;
    private static readonly Hash128 Spec = new(0, 5);
    private static readonly string[] Peers = ["a:1", "b:1", "c:1"];
    private static readonly LeadershipTimes Times = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
    private static readonly TimeSpan Start = TimeSpan.FromHours(1), Moment = TimeSpan.FromTicks(1);

    private static Leadership Begin(int self, long step = 0, int term = 0) =>
        new(self, Peers, Spec, Times, step > 0 ? new Replica(Run, term, step) : default, Start);

    private static PeerStatus Says(PeerRole role, long step = 0, int term = 1, int workers = 0, string leader = "", Hash128? spec = null) =>
        new(ProductVersion.Current, role, spec ?? Spec, Run, term, step, workers, leader);

    private static Leadership BeginLeading(int self, long step = 0, int workers = 0, int term = 1)
    {
        Leadership leadership = Begin(self);
        for (int peer = 0; peer < Peers.Length; peer++)
        {
            if (peer != self)
                leadership.Lost(peer, isGone: true, "refused", Start);
        }

        Assert.Equal(PeerRole.Leading, leadership.Role);
        leadership.Progressed(Run, term, step, workers);
        return leadership;
    }

    private static void AssertLeads(IReadOnlyList<LeadershipEffect> effects, int term) =>
        Assert.Equal(term, Assert.IsType<LeadershipEffect.Lead>(Assert.Single(effects)).Term);

    [Fact]
    public void Alone_LeadsAtOnce() => AssertLeads(new Leadership(0, ["a:1"], Spec, Times, default, Start).Tick(Start), term: 1);

    [Fact]
    public void Alone_WithACheckpoint_GoesOnWithTheTermAfterIt()
    {
        var lead = Assert.IsType<LeadershipEffect.Lead>(
            Assert.Single(new Leadership(0, ["a:1"], Spec, Times, new Replica(Run, 4, 100), Start).Tick(Start)));
        Assert.Equal((Run, 5), (lead.Run, lead.Term));
    }

    [Fact]
    public void Seeking_AllOthersGone_LeadsAtOnce()
    {
        Leadership leadership = Begin(2);
        leadership.Lost(0, isGone: true, "refused", Start);
        AssertLeads(leadership.Lost(1, isGone: true, "refused", Start), term: 1);
    }

    [Fact]
    public void Seeking_OneIsSilent_SaysWhomItLooksForAndLeadsAfterTheTime()
    {
        Leadership leadership = Begin(0);
        leadership.Lost(1, isGone: true, "refused", Start);
        leadership.Lost(2, isGone: false, "no answer", Start);
        Assert.Empty(leadership.Tick(Start + Times.Silence - Moment));
        AssertLeads(leadership.Tick(Start + Times.Silence), term: 1);
    }

    [Fact]
    public void Seeking_SaysOnceForWhatItWaits()
    {
        Leadership leadership = Begin(0);
        Assert.Contains(
            "b:1, c:1", Assert.IsType<LeadershipEffect.Wait>(Assert.Single(leadership.Tick(Start))).Reason, StringComparison.Ordinal);
        Assert.Empty(leadership.Tick(Start + Moment));
    }

    [Fact]
    public void Seeking_HearsALeader_FollowsIt()
    {
        Leadership leadership = Begin(0, step: 50);
        Assert.Equal(1, Assert.Single(leadership.Heard(1, Says(PeerRole.Leading, step: 60), Start).OfType<LeadershipEffect.Follow>()).Peer);
        Assert.Equal("b:1", leadership.Leader);
    }

    [Fact]
    public void Seeking_HearsTwoLeaders_FollowsTheFurther()
    {
        Leadership leadership = Begin(0, step: 65);
        leadership.Heard(1, Says(PeerRole.Leading, step: 60), Start);
        Assert.Equal(2, Assert.Single(leadership.Heard(2, Says(PeerRole.Leading, step: 70), Start).OfType<LeadershipEffect.Follow>()).Peer);
    }

    /// <summary>One that was started anew, with an empty folder, leads; it is the one that yields.</summary>
    [Fact]
    public void Seeking_HasMoreThanTheLeader_LeadsItself()
    {
        Leadership leadership = Begin(1, step: 500, term: 3);
        leadership.Lost(2, isGone: true, "refused", Start);
        AssertLeads(leadership.Heard(0, Says(PeerRole.Leading, step: 60, term: 1), Start), term: 4);
    }

    [Fact]
    public void Seeking_OthersSeek_TheFurthestLeadsAndAtTheSameStepTheFirstOfTheList()
    {
        Leadership second = Begin(1, step: 100);
        second.Lost(2, isGone: true, "refused", Start);
        Assert.Empty(second.Heard(0, Says(PeerRole.Seeking, step: 100), Start));
        AssertLeads(Begin2(Says(PeerRole.Seeking, step: 99)), term: 2);

        static IReadOnlyList<LeadershipEffect> Begin2(PeerStatus first)
        {
            Leadership further = Begin(1, step: 100, term: 1);
            further.Lost(2, isGone: true, "refused", Start);
            return further.Heard(0, first, Start);
        }
    }

    [Fact]
    public void Seeking_OneThatIsToLeadFirstDoesNot_LeadsAfterItsRanksTime()
    {
        Leadership third = Begin(2);
        third.Heard(0, Says(PeerRole.Seeking), Start);
        third.Heard(1, Says(PeerRole.Seeking), Start);
        Assert.Empty(third.Tick(Start + 2 * Times.PerRank - Moment));
        Assert.Contains(third.Tick(Start + 2 * Times.PerRank), effect => effect is LeadershipEffect.Lead);
    }

    /// <summary>The leader and this coordinator alone do not hear each other.</summary>
    [Fact]
    public void Seeking_AnotherFollowsALeaderThatIsNotHeardHere_WaitsAndSaysSo()
    {
        Leadership leadership = Begin(1);
        leadership.Lost(0, isGone: false, "no answer", Start);
        IReadOnlyList<LeadershipEffect> effects = leadership.Heard(2, Says(PeerRole.Following, leader: "a:1"), Start + Times.Silence);
        Assert.Contains(
            "a:1 leads, as c:1 says", Assert.IsType<LeadershipEffect.Wait>(Assert.Single(effects)).Reason, StringComparison.Ordinal);
        Assert.Empty(leadership.Tick(Start + 10 * Times.Silence));
        Assert.Contains(leadership.Heard(2, Says(PeerRole.Seeking), Start + 10 * Times.Silence), effect => effect is LeadershipEffect.Lead);
    }

    [Fact]
    public void Following_LeaderDies_LeadsWithTheNextTermOfTheRun()
    {
        Leadership leadership = Begin(1);
        leadership.Lost(2, isGone: true, "refused", Start);
        leadership.Heard(0, Says(PeerRole.Leading, step: 10, term: 6), Start);
        leadership.Replicated(0, Run, term: 6, step: 8, Start);
        leadership.Lost(0, isGone: false, "the peer closed it", Start);
        IReadOnlyList<LeadershipEffect> effects = leadership.Lost(0, isGone: true, "refused", Start);
        var lead = Assert.IsType<LeadershipEffect.Lead>(Assert.Single(effects));
        Assert.Equal((Run, 7), (lead.Run, lead.Term));
        Assert.Equal(8, leadership.Status.Step);
    }

    /// <summary>Two standbys notice the end of their leader one after the other; only the first of the list leads.</summary>
    [Fact]
    public void Following_LeaderDies_WaitsForTheOneBeforeThatHasNotNoticed()
    {
        Leadership leadership = Begin(2);
        leadership.Heard(0, Says(PeerRole.Leading, step: 10), Start);
        leadership.Replicated(0, Run, term: 1, step: 8, Start);
        leadership.Heard(1, Says(PeerRole.Following, step: 8, leader: "a:1"), Start);
        leadership.Lost(0, isGone: false, "the peer closed it", Start);
        Assert.Empty(leadership.Lost(0, isGone: true, "refused", Start).OfType<LeadershipEffect.Lead>());
        Assert.Contains(
            leadership.Heard(1, Says(PeerRole.Leading, step: 8, term: 2), Start), effect => effect is LeadershipEffect.Follow { Peer: 1 });
    }

    [Fact]
    public void Following_LeaderIsAboutToEnd_StaysUntilItHasSaidWhatBecomesOfTheRun()
    {
        Leadership leadership = Begin(1);
        leadership.Lost(2, isGone: true, "refused", Start);
        leadership.Heard(0, Says(PeerRole.Leading), Start);
        Assert.Empty(leadership.Heard(0, Says(PeerRole.Leaving), Start));
        Assert.Contains(
            leadership.Parted(0, ByeReason.HandsOver, "it was asked to stop", Start), effect => effect is LeadershipEffect.Lead);
    }

    /// <summary>The one that comes first in the list may be one that no worker reaches.</summary>
    [Fact]
    public void Following_TheLeaderHandsOver_LeadsBeforeOneThatDidNotFollow()
    {
        Leadership leadership = Begin(2);
        leadership.Heard(1, Says(PeerRole.Seeking), Start);
        leadership.Heard(0, Says(PeerRole.Leading), Start);
        AssertLeads([.. leadership.Parted(0, ByeReason.HandsOver, "no worker came", Start).OfType<LeadershipEffect.Lead>()], term: 1);
    }

    [Fact]
    public void Following_TheLeaderHandsOverToTwo_TheFirstInTheListLeads()
    {
        Leadership leadership = Begin(2);
        leadership.Heard(1, Says(PeerRole.Following, leader: "a:1"), Start);
        leadership.Heard(0, Says(PeerRole.Leading), Start);
        Assert.Empty(leadership.Parted(0, ByeReason.HandsOver, "no worker came", Start).OfType<LeadershipEffect.Lead>());
        AssertLeads(leadership.Tick(Start + Times.PerRank), term: 1);
    }

    /// <summary>The two leaders do not hear each other.</summary>
    [Fact]
    public void Following_LeaderIsEmptyAndAnotherIsFurtherWithWorkers_FollowsThatOne()
    {
        IReadOnlyList<LeadershipEffect> effects = FollowAndHear(
            Says(PeerRole.Leading, step: 100), Says(PeerRole.Leading, step: 200, workers: 1));
        Assert.Equal(0, Assert.IsType<LeadershipEffect.Unfollow>(effects[0]).Peer);
        Assert.Equal(2, Assert.IsType<LeadershipEffect.Follow>(effects[1]).Peer);
    }

    [Theory]
    [InlineData(0, 200, 0)]
    [InlineData(1, 200, 2)]
    [InlineData(0, 99, 2)]
    public void Following_AnotherLeaderIsNoBetter_Stays(int workers, long otherStep, int otherWorkers) =>
        Assert.Empty(FollowAndHear(
            Says(PeerRole.Leading, step: 100, workers: workers), Says(PeerRole.Leading, step: otherStep, workers: otherWorkers)));

    private static IReadOnlyList<LeadershipEffect> FollowAndHear(PeerStatus followed, PeerStatus other)
    {
        Leadership leadership = Begin(1);
        leadership.Heard(0, followed, Start);
        leadership.Replicated(0, Run, 1, 100, Start);
        return leadership.Heard(2, other, Start);
    }

    [Theory]
    [InlineData(ByeReason.RunComplete, true)]
    [InlineData(ByeReason.RunFailed, false)]
    public void Following_RunIsOver_Concludes(ByeReason why, bool isComplete)
    {
        Leadership leadership = Begin(1);
        leadership.Heard(0, Says(PeerRole.Leading), Start);
        Assert.Equal(
            isComplete, Assert.IsType<LeadershipEffect.Conclude>(Assert.Single(leadership.Parted(0, why, "so it is", Start))).IsComplete);
    }

    [Fact]
    public void Following_WhatCameCannotBeKept_TriesAgainLater()
    {
        Leadership leadership = Begin(1);
        leadership.Heard(0, Says(PeerRole.Leading), Start);
        Assert.IsType<LeadershipEffect.Unfollow>(Assert.Single(leadership.Parted(0, null, "no space left", Start)));
        Assert.Empty(leadership.Tick(Start + Times.Again - Moment));
        Assert.IsType<LeadershipEffect.Follow>(Assert.Single(leadership.Tick(Start + Times.Again)));
    }

    [Theory]
    [InlineData(200, 0, 1)]
    [InlineData(100, 3, 1)]
    [InlineData(100, 2, 2)]
    public void Leading_MeetsALeaderThatIsFurther_YieldsOnce(long step, int workers, int term)
    {
        Leadership leadership = BeginLeading(0, step: 100, workers: 2);
        PeerStatus other = Says(PeerRole.Leading, step, term, workers);
        Assert.Equal("c:1", Assert.IsType<LeadershipEffect.Yield>(Assert.Single(leadership.Heard(2, other, Start))).Name);
        Assert.Empty(leadership.Heard(2, other, Start));
        Assert.Contains(leadership.Yielded(new Replica(Run, 1, 100), Start), effect => effect is LeadershipEffect.Follow { Peer: 2 });
    }

    [Theory]
    [InlineData(99, 9, 9)]
    [InlineData(100, 1, 9)]
    [InlineData(100, 2, 1)]
    public void Leading_MeetsALeaderThatIsBehind_Stays(long step, int workers, int term) =>
        Assert.Empty(BeginLeading(0, step: 100, workers: 2).Heard(2, Says(PeerRole.Leading, step, term, workers), Start));

    [Fact]
    public void Leading_MeetsAnEqualLeader_ExactlyOneYields()
    {
        PeerStatus equal = Says(PeerRole.Leading, step: 100, term: 1, workers: 2);
        Assert.Empty(BeginLeading(0, step: 100, workers: 2).Heard(1, equal, Start));
        Assert.Single(BeginLeading(1, step: 100, workers: 2).Heard(0, equal, Start));
    }

    [Fact]
    public void Leading_HearsTheLeaderOfAnotherRunSpec_Stays() =>
        Assert.Empty(BeginLeading(0).Heard(1, Says(PeerRole.Leading, step: 900, spec: new Hash128(0, 6)), Start));

    /// <summary>What differs can only be told by the leader's spec.</summary>
    [Fact]
    public void Seeking_HearsTheLeaderOfAnotherRunSpec_AsksForItsSpec() =>
        Assert.Single(Begin(0).Heard(1, Says(PeerRole.Leading, spec: new Hash128(0, 6)), Start).OfType<LeadershipEffect.Follow>());
}
