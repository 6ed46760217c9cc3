using Lockstep.Coordinator.Decisions;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Tests.Decisions;

public class SuccessionTests
{
    private const ulong Run = 7;
    private static readonly string[] Others = ["leader", "a", "b"];
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    private readonly Succession _succession = new(new TermFence());

    [Fact]
    public void Stand_BeforeEverythingIsReplicated_AsksForNothing()
    {
        Assert.Null(_succession.Stand());
        Assert.True(_succession.TryFollow(Run, 4, Now));
        Assert.Null(_succession.Stand());
        _succession.Complete();
        Assert.Equal(new Candidacy(5, IsTrial: true), _succession.Stand());
    }

    [Fact]
    public void Advance_MoreThanHalfPromise_IsElectedWithATermOfItsOwn()
    {
        Follow();
        Candidacy trial = _succession.Stand()!.Value;
        _succession.OnAnswer("a", Run, trial, isPromised: true, newest: 4);
        Assert.False(_succession.Advance(Others, Now)); // Two of four.
        _succession.OnAnswer("b", Run, trial, isPromised: true, newest: 4);
        Assert.True(_succession.Advance(Others, Now));
        Assert.Null(_succession.Elected);

        Candidacy real = _succession.Stand()!.Value;
        Assert.Equal(new Candidacy(5, IsTrial: false), real);
        Assert.False(_succession.Advance(Others, Now)); // Who would promise has not promised.
        _succession.OnAnswer("a", Run, real, isPromised: true, newest: 5);
        _succession.OnAnswer("b", Run, real, isPromised: true, newest: 5);
        Assert.True(_succession.Advance(Others, Now));
        Assert.Equal(5, _succession.Elected);
        Assert.False(_succession.TryFollow(Run, 9, Now));
    }

    [Fact]
    public void OnAnswer_OfANodeThatKnowsANewerTerm_AsksForTheNextOne()
    {
        Follow();
        _succession.OnAnswer("a", Run, _succession.Stand()!.Value, isPromised: false, newest: 8);
        Assert.Equal(new Candidacy(9, IsTrial: true), _succession.Stand());
    }

    [Fact]
    public void TryFollow_LeaderOfAnOlderTerm_IsRefused()
    {
        Follow();
        Assert.False(_succession.TryFollow(Run, 3, Now));
    }

    private void Follow()
    {
        Assert.True(_succession.TryFollow(Run, 4, Now));
        _succession.Complete();
    }
}
