using Lockstep.Cli.Health;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;

namespace Lockstep.Cli.Tests.Training;

public class RunStandingTests
{
    private readonly RunStanding _standing = new(toBegin: 2, toGoOn: 2);

    [Fact]
    public void Readiness_OfARun_FollowsQuorumAndEnd()
    {
        AssertNotReady("training has not begun: 0 of 2 workers ready");
        Update(new RunEvent.Listening("127.0.0.1:4053", "127.0.0.1:4054"), new RunEvent.Leading("00000000000004d2", 3, 1000), Ready("a"));
        AssertNotReady("training has not begun: 1 of 2 workers ready");
        Update(Ready("b"));
        AssertNotReady("training has not begun: 2 of 2 workers ready");
        Update(new RunEvent.TrainingStarted(1000, 2, 2));
        Assert.Equal(new Readiness(true, "training with 2 workers, step 1,000"), _standing.Readiness);
        Update(new RunEvent.WorkerLost("a", "cut off"));
        AssertNotReady("too few workers: 1 of 2 workers ready");
        Update(Ready("c"), new RunEvent.WorkerLeft("b", "asked to"), Ready("d"));
        Assert.True(_standing.Readiness.IsReady);
        Update(new RunEvent.TrainingEnded(1500));
        AssertNotReady("the run has ended");
        Assert.Equal(new RunPlace("00000000000004d2", 3, 1500), _standing.Place);
    }

    [Fact]
    public void Readiness_OfTrain_NeedsOneWorkerToGoOn()
    {
        var train = new RunStanding(toBegin: 3, toGoOn: 1);
        foreach (RunEvent happened in new RunEvent[] { Ready("a"), Ready("b"), Ready("c"), new RunEvent.TrainingStarted(0, 3, 3), new RunEvent.WorkerLost("a", ""), new RunEvent.WorkerLost("b", "") })
            train.Update(happened);

        Assert.True(train.Readiness.IsReady);
        train.Update(new RunEvent.WorkerLost("c", ""));
        Assert.Equal(new Readiness(false, "too few workers: 0 of 1 worker ready"), train.Readiness);
    }

    private static RunEvent.WorkerReady Ready(string name) => new(new WorkerProgress(name, 1, 1, 0, 0, 0, 0));

    private void Update(params RunEvent[] events)
    {
        foreach (RunEvent happened in events)
            _standing.Update(happened);
    }

    private void AssertNotReady(string line) => Assert.Equal(new Readiness(false, line), _standing.Readiness);
}
