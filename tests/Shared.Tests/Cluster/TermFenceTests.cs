using Lockstep.Shared.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

public class TermFenceTests
{
    private const ulong Run = 7;
    private static readonly TimeSpan Start = TimeSpan.FromHours(1), Soon = Start + TermFence.PromiseExcludes, Late = Start + TermFence.Holds;

    private readonly TermFence _fence = new();

    [Fact]
    public void TryAccept_OlderTermThanAccepted_IsRefused()
    {
        Assert.True(_fence.TryAccept(Run, 3, Start));
        Assert.False(_fence.TryAccept(Run, 2, Soon));
        Assert.True(_fence.TryAccept(Run, 3, Soon));
        Assert.True(_fence.TryAccept(Run, 4, Soon));
    }

    [Fact]
    public void TryAccept_OlderTermThanPromised_IsRefusedUntilThePromiseLapses()
    {
        Assert.True(_fence.TryAccept(Run, 1, Start));
        Assert.True(_fence.TryPromise(Run, 2, hearsLeader: false, Start));
        Assert.False(_fence.TryAccept(Run, 1, Late - TimeSpan.FromTicks(1)));
        Assert.True(_fence.TryAccept(Run, 1, Late));
    }

    [Fact]
    public void TryAccept_OlderTermLongAfterTheNewestLeaderWasLost_IsAccepted()
    {
        Assert.True(_fence.TryAccept(Run, 2, TimeSpan.Zero));
        _fence.Lose(Start);
        Assert.False(_fence.TryAccept(Run, 1, Soon));
        Assert.True(_fence.TryAccept(Run, 1, Late));
    }

    [Fact]
    public void TryAccept_AnotherRun_BeginsAnew()
    {
        Assert.True(_fence.TryAccept(Run, 3, Start));
        Assert.True(_fence.TryAccept(Run + 1, 1, Start));
        Assert.Equal(1, _fence.Newest);
    }

    [Fact]
    public void TryPromise_TheSameTermTwice_IsPromisedOnce()
    {
        Assert.True(_fence.TryPromise(Run, 2, hearsLeader: false, Start));
        Assert.False(_fence.TryPromise(Run, 2, hearsLeader: false, Late));
    }

    [Fact]
    public void TryPromise_RightAfterAnotherPromise_WaitsForThatOneToLead()
    {
        Assert.True(_fence.TryPromise(Run, 2, hearsLeader: false, Start));
        Assert.False(_fence.CanPromise(Run, 3, hearsLeader: false, Soon - TimeSpan.FromTicks(1)));
        Assert.True(_fence.CanPromise(Run, 3, hearsLeader: false, Soon));
    }

    [Fact]
    public void TryPromise_WhileTheLeaderIsHeard_IsRefused() => Assert.False(_fence.TryPromise(Run, 2, hearsLeader: true, Start));
}
