using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Training;
using Lockstep.Shared;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Tests.Peers;

public sealed class LeadershipRoleTests : IDisposable
{
    private static readonly Hash128 Spec = new(0, 5);
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);
    private static readonly LeadershipTimes Times = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

    private readonly PeerServer _server = new(TimeSpan.FromSeconds(1));
    private readonly List<LeadershipTask> _tasks = [];
    private readonly List<RunEvent> _events = [];
    private readonly RecordingMailbox _coordination = new();
    private readonly LeadershipRole _role;

    public LeadershipRoleTests()
    {
        var leadership = new Leadership(1, ["a:1", "b:1"], Spec, Times, new Replica(77, 1, 100), Start);
        _role = new LeadershipRole(leadership, new LeadershipPorts(_server, (_, _) => { }, _tasks.Add, new Events(_events)));
        _role.Start(Start);
        _role.Receive(new PeerLost(0, IsGone: true, "refused"), Start);
        Assert.IsType<LeadershipTask.Train>(Assert.Single(_tasks));
        _tasks.Clear();
    }

    public void Dispose() => _server.Dispose();

    private void MeetLeader() => _role.Receive(
        new PeerHeard(0, new PeerStatus(ProductVersion.Current, PeerRole.Leading, Spec, 77, 1, 200, 3, "")), Start);

    private void Begin() => _role.Receive(new RunBegun(_coordination), Start);

    [Fact]
    public void Leading_MeetsALeaderThatIsFurther_EndsItsTraining()
    {
        Begin();
        MeetLeader();
        Assert.Equal(new YieldRun("a:1"), _coordination.Take());
    }

    /// <summary>The host loads a checkpoint in between.</summary>
    [Fact]
    public void Leading_MeetsALeaderThatIsFurtherBeforeItsTrainingHasBegun_EndsItWhenItBegins()
    {
        MeetLeader();
        Begin();
        Assert.Equal(new YieldRun("a:1"), _coordination.Take());
        Assert.Single(_events.OfType<RunEvent.Yielding>());
    }

    [Fact]
    public void Stop_WhileItYields_EndsTheProcessAfterItsTraining()
    {
        Begin();
        MeetLeader();
        _role.Receive(new StopRun(), Start);
        Assert.Empty(_tasks);
        _role.Receive(new RunEndedHere(new Replica(77, 2, 100), Yields: true), Start);
        Assert.Equal(RunOutcome.Stopped, Assert.IsType<LeadershipTask.End>(Assert.Single(_tasks)).Outcome);
    }

    private sealed class Events(List<RunEvent> events) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => events.Add(value);
    }
}
