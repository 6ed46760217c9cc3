using Lockstep.Coordinator.Decisions;

namespace Lockstep.Coordinator.Tests.Decisions;

public class RunDecisionsTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(3);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly RunDecisions _run = new(2, Timeout, Start);

    private WorkerId Join(int port, int incarnation = 1) => _run.Join($"127.0.0.1:{port}", $"127.0.0.1:{port}#{incarnation}", port, 1).Id;

    [Fact]
    public void TryStart_OnlyWithEnoughReadyWorkers_AndOnce()
    {
        WorkerId first = Join(1), second = Join(2);
        _run.MarkReady(first);
        Assert.False(_run.TryStart());
        _run.MarkReady(second);
        Assert.True(_run.TryStart());
        Assert.False(_run.TryStart());
    }

    [Fact]
    public void Join_TheSameIncarnationAgain_IsTheSameMember()
    {
        WorkerId id = Join(1);
        Assert.Equal(id, Join(1));
        Assert.Single(_run.Members);
    }

    [Fact]
    public void Predecessor_OfAnotherIncarnationAtTheAddress_IsTheDeadOne()
    {
        WorkerId old = Join(1);
        Assert.Null(_run.Predecessor("127.0.0.1:1", "127.0.0.1:1#1"));
        Assert.Equal(old, _run.Predecessor("127.0.0.1:1", "127.0.0.1:1#2")!.Id);
        Assert.NotEqual(old, Join(1, incarnation: 2));
    }

    [Fact]
    public void ExpectOneLess_AfterAWorkerDiedEarly_StartsWithTheRest()
    {
        _run.MarkReady(Join(1));
        _run.ExpectOneLess();
        Assert.True(_run.TryStart());
        _run.ExpectOneLess();
        Assert.Equal(1, _run.Needed);
    }

    [Fact]
    public void GiveUp_ClusterDoesNotForm_SaysSoAfterTheTimeout()
    {
        _run.MarkReady(Join(1));
        Assert.Null(_run.GiveUp(Start + Timeout - TimeSpan.FromTicks(1)));
        Assert.Contains("1 of 2 workers", _run.GiveUp(Start + Timeout));
    }

    [Fact]
    public void MarkLeaving_TheLastReadyWorker_WaitingCountsFromThen()
    {
        WorkerId first = Join(1), second = Join(2);
        _run.MarkReady(first);
        _run.MarkReady(second);
        _run.TryStart();
        TimeSpan later = Start + TimeSpan.FromHours(1);
        _run.Remove(first, later);
        Assert.Equal("enough", _run.MarkLeaving(second, "enough", later)!.Leaving);
        Assert.Null(_run.MarkLeaving(second, "again", later));
        Assert.Empty(_run.Ready);
        Assert.Equal([new StepWorker(second, 1, IsLeaving: true)], _run.StepWorkers);
        Assert.Null(_run.GiveUp(later));
        _run.Remove(second, later + TimeSpan.FromSeconds(5));
        Assert.Contains("All workers are lost", _run.GiveUp(later + Timeout));
    }

    [Fact]
    public void GiveUp_AWorkerIsOnItsWay_CountsFromTheLastThatWasHeardOfIt()
    {
        TimeSpan heard = Start + Timeout / 2;
        _run.Await(heard);
        Assert.Null(_run.GiveUp(heard + Timeout - TimeSpan.FromTicks(1)));
        Assert.Contains("0 of 2 workers", _run.GiveUp(heard + Timeout));
    }

    [Fact]
    public void GiveUp_AllWorkersLost_CountsFromTheLoss()
    {
        WorkerId first = Join(1), second = Join(2);
        _run.MarkReady(first);
        _run.MarkReady(second);
        _run.TryStart();
        TimeSpan later = Start + TimeSpan.FromHours(1);
        Assert.Null(_run.GiveUp(later));
        _run.Remove(first, later);
        _run.Remove(second, later);
        Assert.Null(_run.GiveUp(later));
        Assert.Contains("All workers are lost", _run.GiveUp(later + Timeout));
        _run.MarkReady(Join(3));
        Assert.Null(_run.GiveUp(later + Timeout));
    }
}
