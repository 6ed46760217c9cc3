using Lockstep.Cli.Health;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;

namespace Lockstep.Cli.Tests.Training;

public class RunStandingTests
{
    private readonly RunStanding _standing = new(expected: 2);

    [Fact]
    public void Readiness_OfARun_IsThatOfTheStepsItMakes()
    {
        AssertNotReady("training has not begun: 0 of 2 workers ready");
        Update(new RunEvent.Listening("127.0.0.1:4053", "127.0.0.1:4054"), new RunEvent.Leading("00000000000004d2", 3, 1000), Ready("a"));
        AssertNotReady("training has not begun: 1 of 2 workers ready");
        Update(Ready("b"));
        AssertNotReady("training has not begun: 2 workers ready");
        Update(new RunEvent.TrainingStarted(1000, 2, 2));
        Assert.Equal(new Readiness(true, "training with 2 workers, step 1,000"), _standing.Readiness);
        Update(new RunEvent.WorkerLost("a", "cut off"));
        Assert.Equal(new Readiness(true, "training with 1 of 2 workers, step 1,000"), _standing.Readiness);
        Update(new RunEvent.WorkerLost("b", "cut off"));
        AssertNotReady("waiting for a worker at step 1,000: all are lost");
        Update(Ready("c"), new RunEvent.WorkerLeft("c", "asked to"), Ready("d"), Ready("e"), Ready("f"));
        Assert.Equal(new Readiness(true, "training with 3 workers, step 1,000"), _standing.Readiness);
        Update(new RunEvent.TrainingEnded(1500));
        AssertNotReady("the run has ended");
        Assert.Equal(new RunPlace("00000000000004d2", 3, 1500), _standing.Place);
    }

    private static RunEvent.WorkerReady Ready(string name) => new(new WorkerProgress(name, 1, 1, 0, 0, 0, 0));

    private void Update(params RunEvent[] events)
    {
        foreach (RunEvent happened in events)
            _standing.Update(happened);
    }

    private void AssertNotReady(string line) => Assert.Equal(new Readiness(false, line), _standing.Readiness);
}
