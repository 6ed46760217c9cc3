using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Watching;
using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Tests;

public class RunWatchTests
{
    private readonly ManualClock _clock = new();
    private readonly List<FaultRecord> _recovered = [];
    private readonly RunWatch _watch;

    public RunWatchTests() => _watch = new RunWatch(_clock) { Recovered = _recovered.Add };

    [Fact]
    public void Fault_OfAWorker_IsOverWhenTheStepAfterTheOneUnderWayIsComplete()
    {
        Weights(term: 1, step: 10);
        FaultRecord record = _watch.Begin(1, new Fault(0, FaultKind.Cut) { Worker = 1 });
        _watch.Struck(record);
        _clock.Pass(0.5);
        Weights(term: 1, step: 11);
        Assert.Null(record.SecondsToRecover);
        _clock.Pass(0.25);
        Weights(term: 1, step: 12);

        Assert.Equal(0.75, record.SecondsToRecover);
        Assert.Equal((10, 0), (record.Step, record.StepsRepeated));
        Assert.Equal([record], _recovered);
    }

    [Theory]
    [InlineData(nameof(FaultKind.Kill))]
    [InlineData(nameof(FaultKind.Pause))]
    public void Fault_StepsBeforeItTakesEffect_DoNotCount(string kind)
    {
        Weights(term: 1, step: 10);
        FaultRecord record = _watch.Begin(1, new Fault(0, Enum.Parse<FaultKind>(kind)) { Worker = 1 });
        Weights(term: 1, step: 11);
        Weights(term: 1, step: 12);
        Weights(term: 1, step: 13);
        _watch.Struck(record);
        Weights(term: 1, step: 14);
        Assert.Empty(_recovered);
        Weights(term: 1, step: 15);

        Assert.Equal([record], _recovered);
    }

    [Fact]
    public void KillLeader_AnotherLeadsFromAnEarlierCheckpoint_CountsTheStepsThatAreRepeated()
    {
        Weights(term: 1, step: 100);
        FaultRecord record = _watch.Begin(1, new Fault(0, FaultKind.Kill) { Coordinator = CoordinatorRole.Leader });
        Weights(term: 1, step: 101); // Before it dies.
        _clock.Pass(2);
        _watch.Struck(record);
        Weights(term: 2, step: 60, coordinator: 2);
        Weights(term: 1, step: 101); // Was still on its way.
        Weights(term: 2, step: 101, coordinator: 2);
        Assert.Null(record.SecondsToRecover);
        _clock.Pass(1);
        Weights(term: 2, step: 102, coordinator: 2);

        Assert.Equal((3.0, 41), (record.SecondsToRecover, record.StepsRepeated));
        Assert.Equal([1, 2], _watch.Story.Terms.Select(term => term.Term));
    }

    [Fact]
    public void PauseLeader_ThatIsFurtherThanTheNextOneWhenItWakesUp_LeadsAgain()
    {
        Weights(term: 1, step: 100);
        FaultRecord record = _watch.Begin(1, new Fault(0, FaultKind.Pause) { Coordinator = CoordinatorRole.Leader });
        _watch.Struck(record);
        Weights(term: 2, step: 60, coordinator: 2);
        Assert.Equal(2, _watch.Leader);
        Weights(term: 1, step: 101);
        Weights(term: 1, step: 102);

        Assert.Equal((1, 102L), (_watch.Leader, _watch.Step));
        Assert.Equal([record], _recovered);
    }

    [Fact]
    public void StreamEnded_OfTheLeaderBefore_IsNoNews()
    {
        Weights(term: 1, step: 1);
        Weights(term: 2, step: 1, coordinator: 2);
        _watch.StreamEnded(1, 1);

        Assert.Equal(WorkerState.Computing, Assert.Single(_watch.Story.Workers).State);
    }

    [Fact]
    public void Progress_StepsThatAreRepeated_AreNone()
    {
        Weights(term: 1, step: 50);
        _clock.Pass(5);
        Weights(term: 2, step: 20);
        Weights(term: 2, step: 50);
        Assert.Equal(0, _watch.ProgressAt);
        _clock.Pass(1);
        Weights(term: 2, step: 51);

        Assert.Equal((6.0, 6.0), (_watch.ProgressAt, _watch.Story.LongestWait));
    }

    [Fact]
    public void Worker_FromProcessToProcess_IsSeenAsIdleComputingAndGone()
    {
        _watch.WorkerStarted(1);
        Weights(term: 1, step: 0);
        _watch.StreamEnded(1, 1);
        Weights(term: 1, step: 1);
        _watch.WorkerEnded(1);
        _watch.StreamEnded(1, 1);

        Assert.Equal(
            [WorkerState.Idle, WorkerState.Computing, WorkerState.Idle, WorkerState.Computing, WorkerState.Gone],
            Assert.Single(_watch.Story.Workers).Changes.Select(change => change.State));
    }

    [Fact]
    public void Missing_Workers_AreThoseWithAProcessAndWithoutARun()
    {
        _watch.WorkerStarted(1);
        Assert.Equal([1], _watch.Missing);
        _watch.FrameSent(1, 1, new FrameHeader { Kind = FrameKind.RunSpec });
        Assert.Empty(_watch.Missing);
        _watch.StreamEnded(1, 1);
        Assert.Equal([1], _watch.Missing);
        Weights(term: 1, step: 1);
        Assert.Empty(_watch.Missing);
        _watch.WorkerEnded(1);
        Assert.Empty(_watch.Missing);
    }

    private void Weights(int term, long step, int coordinator = 1) =>
        _watch.FrameSent(coordinator, 1, new FrameHeader { Kind = FrameKind.Weights, Term = term, Step = step });
}
