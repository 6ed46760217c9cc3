using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Tests.Decisions;

public class SliceDecisionsTests
{
    private static readonly ReductionTree Tree = new(8);
    private static readonly WorkerId A = new(1), B = new(2), C = new(3);

    private readonly SliceDecisions _decisions = new(Tree, length: 160);
    private readonly Roster _roster = RosterOf(A, B, C);

    [Fact]
    public void Follow_FewerThanTwoReachable_MakesNoGroup()
    {
        _decisions.Reachable(A);

        Assert.Null(_decisions.Follow(_roster, TimeSpan.Zero));
        Assert.False(_decisions.IsLinked);
    }

    [Fact]
    public void Follow_SameRoster_OffersOnce()
    {
        Assert.Equal([A, B, C], Offer(TimeSpan.Zero));
        Assert.Null(_decisions.Follow(_roster, TimeSpan.Zero));
    }

    [Fact]
    public void IsLinked_OnlyOnceAllHaveHeardFromEachOther()
    {
        Offer(TimeSpan.Zero);
        _decisions.Linked(A, _decisions.Group!.Number);
        _decisions.Linked(B, _decisions.Group.Number);
        _decisions.Linked(C, _decisions.Group.Number - 1);
        Assert.False(_decisions.IsLinked);

        _decisions.Linked(C, _decisions.Group.Number);

        Assert.True(_decisions.IsLinked);
    }

    [Fact]
    public void Unlinked_WhileConnecting_LeavesOneOutForTwiceAsLongEachTime()
    {
        Offer(TimeSpan.Zero);

        Assert.True(Unlink(A, B, TimeSpan.Zero));
        Assert.Equal([A, C], Members(TimeSpan.FromSeconds(1)));
        Assert.Equal([A, B, C], Members(TimeSpan.FromSeconds(30)));
        Assert.True(Unlink(B, A, TimeSpan.FromSeconds(30)));
        Assert.Equal([A, C], Members(TimeSpan.FromSeconds(61)));
        Assert.Equal([A, B, C], Members(TimeSpan.FromSeconds(90)));
    }

    [Fact]
    public void Unlinked_OfAConnectionThatWasOpen_IsConnectedAnewAtFirst()
    {
        Offer(TimeSpan.Zero);
        Link();

        Assert.False(Unlink(A, C, TimeSpan.Zero));
        Assert.False(_decisions.IsLinked);
        Assert.Equal([A, B, C], Members(TimeSpan.Zero));
    }

    [Fact]
    public void Unlinked_OfAnOlderPlanOrAWorkerThatIsGone_ChangesNothing()
    {
        Offer(TimeSpan.Zero);
        Link();

        Assert.False(_decisions.Unlinked(A, _decisions.Group!.Number - 1, B, TimeSpan.Zero));
        Assert.False(_decisions.Unlinked(A, _decisions.Group.Number, new WorkerId(9), TimeSpan.Zero));
        Assert.True(_decisions.IsLinked);
    }

    [Fact]
    public void Suspect_AGroupThatWorked_IsOfferedAgain()
    {
        Offer(TimeSpan.Zero);
        Link();
        int before = _decisions.Group!.Number;

        _decisions.Suspect();

        Assert.False(_decisions.IsLinked);
        Assert.Equal(before + 1, _decisions.Follow(_roster, TimeSpan.Zero)!.Number);
    }

    private static Roster RosterOf(params WorkerId[] workers) =>
        Roster.Plan(Tree, Roster.Empty, [.. workers.Select(worker => new RosterWorker(worker, 1))]);

    private WorkerId[] Offer(TimeSpan now)
    {
        foreach (WorkerId worker in new[] { A, B, C })
            _decisions.Reachable(worker);
        return [.. _decisions.Follow(_roster, now)!.Members.Select(member => member.Worker).OrderBy(worker => worker.Value)];
    }

    private WorkerId[] Members(TimeSpan now)
    {
        _decisions.Follow(_roster, now);
        return [.. _decisions.Group!.Members.Select(member => member.Worker).OrderBy(worker => worker.Value)];
    }

    private void Link()
    {
        foreach (RosterEntry member in _decisions.Group!.Members)
            _decisions.Linked(member.Worker, _decisions.Group.Number);
    }

    private bool Unlink(WorkerId worker, WorkerId other, TimeSpan now) =>
        _decisions.Unlinked(worker, _decisions.Group!.Number, other, now);
}
