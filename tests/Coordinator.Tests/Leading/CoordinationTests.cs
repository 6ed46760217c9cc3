using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Tests.Leading;

public sealed class CoordinationTests : IDisposable
{
    private readonly RecordingMailbox _parameterServer = new();
    private readonly RunMeter _meter;
    private readonly Coordination _coordination;

    public CoordinationTests()
    {
        TrainingOptions options = SmallRun.Options();
        var state = new RunState(options, run: 1, term: 2);
        _meter = new RunMeter(state, totalSteps: 10);
        _coordination = new Coordination(
            new CoordinatorContext(
                options, state, null!, new StreamTokens(), "127.0.0.1", 1, new Progress<RunEvent>(), new TaskCompletionSource<RunResult>()),
            new CoordinationPorts(_parameterServer, new RecordingMailbox(), new NoFollowers(), null!, _ => { }),
            _meter,
            TimeSpan.Zero);
    }

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Yield_BeforeThereAreWorkers_EndsTheTraining()
    {
        _coordination.Receive(new YieldRun("b:1"), TimeSpan.Zero);
        Assert.Equal(new EndTraining(WaitForStep: false), _parameterServer.Take());
    }

    /// <summary>A standby that has the checkpoint and leads would be further than its leader, which would yield to it.</summary>
    [Fact]
    public void Saved_BeforeTheStepIsReported_IsProgress()
    {
        var saved = new SnapshotSaved("", Step: 7, IsFinal: false);
        _coordination.Receive(saved, TimeSpan.Zero);
        Assert.Equal(7, RunProgressed.After(saved, _coordination, term: 2)?.Step);
    }

    private sealed class NoFollowers : IFollowers
    {
        public IEnumerable<(string Name, long Step)> Ready => [];

        public bool Any => false;

        public void Begin()
        {
        }

        public void PostCheckpoint(string path, long step)
        {
        }

        public void PostBest(string path, long step)
        {
        }

        public void End(ByeReason? why, string reason)
        {
        }
    }
}
