using Lockstep.Coordinator.Workers;

namespace Lockstep.Coordinator.Tests.Workers;

public class WorkerWaitTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(3), Timeout = TimeSpan.FromSeconds(10), Moment = TimeSpan.FromTicks(1);
    private readonly WorkerWait _wait = new(2, Timeout, Start);

    [Fact]
    public void Begins_OnlyWithEnoughWorkers_AndOnce()
    {
        Assert.False(_wait.Begins(1, Start));
        Assert.True(_wait.Begins(2, Start));
        Assert.False(_wait.Begins(2, Start));
    }

    [Fact]
    public void ExpectOneLess_AfterAWorkerDiedEarly_BeginsWithTheRest()
    {
        _wait.ExpectOneLess();
        Assert.True(_wait.Begins(1, Start));
        _wait.ExpectOneLess();
        Assert.Equal(1, _wait.Needed);
    }

    [Fact]
    public void GiveUp_ClusterDoesNotForm_SaysSoAfterTheTimeout()
    {
        _wait.Begins(1, Start);
        Assert.Null(_wait.GiveUp(Start + Timeout - Moment));
        Assert.Contains("1 of 2 workers", _wait.GiveUp(Start + Timeout));
    }

    [Fact]
    public void GiveUp_AWorkerIsOnItsWay_CountsFromTheLastThatWasHeardOfIt()
    {
        TimeSpan heard = Start + Timeout / 2;
        _wait.Await(heard);
        Assert.Null(_wait.GiveUp(heard + Timeout - Moment));
        Assert.Contains("0 of 2 workers", _wait.GiveUp(heard + Timeout));
    }

    [Fact]
    public void GiveUp_AllWorkersLost_CountsFromTheLossOfTheLast()
    {
        _wait.Begins(2, Start);
        TimeSpan later = Start + TimeSpan.FromHours(1);
        Assert.Null(_wait.GiveUp(later));
        _wait.Begins(1, later - Timeout);
        _wait.Begins(0, later);
        _wait.Begins(0, later + TimeSpan.FromSeconds(5)); // One that had asked to leave is gone, too.
        Assert.Null(_wait.GiveUp(later + Timeout - Moment));
        Assert.Contains("All workers are lost", _wait.GiveUp(later + Timeout));
        _wait.Begins(1, later + Timeout);
        Assert.Null(_wait.GiveUp(later + Timeout * 5));
    }
}
