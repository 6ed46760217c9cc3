using Lockstep.Shared.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

public class RemovalRuleTests
{
    /// <summary>The table of docs/faults.md.</summary>
    [Theory]
    [InlineData(false, false, true, 0, 1, 3, 4, Removal.Self)] // A worker that hears no coordinator.
    [InlineData(false, false, true, 1, 2, 1, 4, Removal.Nobody)] // A worker that hears a standby: that one is to lead.
    [InlineData(true, true, false, 1, 1, 1, 9, Removal.Member)] // A leader without standbys stays, however alone.
    [InlineData(true, true, false, 2, 2, 2, 9, Removal.Member)] // So does one that hears all its standbys.
    [InlineData(true, true, false, 1, 2, 3, 4, Removal.Member)] // The leader has lost its standby, and hears most others.
    [InlineData(true, true, false, 1, 2, 2, 4, Removal.Member)] // Half of all: the leader stays.
    [InlineData(true, true, false, 1, 2, 1, 4, Removal.Self)] // Less: a standby may lead on the other side.
    [InlineData(true, false, true, 1, 2, 3, 4, Removal.Self)] // A standby that was not elected in place of the leader that it misses.
    [InlineData(true, false, false, 2, 2, 2, 3, Removal.Nobody)] // A standby leaves it to the leader to remove workers.
    public void Decide_WhatANodeSees_IsWhomItRemoves(
        bool isCoordinator, bool isFirst, bool missesFirst, int coordinatorsHeard, int coordinators, int heard, int all, Removal expected) =>
        Assert.Equal(expected, RemovalRule.Decide(new NodeView(isCoordinator, isFirst, missesFirst, coordinatorsHeard, coordinators, heard, all)));

    [Fact]
    public void Majority_OfAnyCut_IsOnOneSideAtMost()
    {
        for (int all = 1; all < 20; all++)
        {
            for (int here = 0; here <= all; here++)
                Assert.False(Majority.Keeps(here, all) && Majority.Elects(all - here, all));
        }
    }
}
