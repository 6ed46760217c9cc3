using System.Diagnostics;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>What the host is to do next.</summary>
internal abstract record LeadershipTask
{
    /// <summary>Train. Answered by <see cref="BeginRun"/>, and in the end by <see cref="RunEndedHere"/>.</summary>
    public sealed record Train(ulong Run, int Term) : LeadershipTask;

    /// <summary>The run is over; all of it is in the folder.</summary>
    public sealed record Complete : LeadershipTask;

    /// <summary>There is nothing to lead or to follow.</summary>
    /// <param name="Outcome">How this ends.</param>
    /// <param name="Message">Why, for people.</param>
    public sealed record End(RunOutcome Outcome, string Message) : LeadershipTask;

    /// <summary>The leader trains another run.</summary>
    public sealed record EndForOtherRun(Lockstep.Model.Specs.RunSpec Leader, string Address) : LeadershipTask;
}

/// <summary>Host -> leadership: everything is ready to train.</summary>
/// <param name="Coordinator">The actor that trains.</param>
internal sealed record BeginRun(Props Coordinator);

/// <summary>Host -> leadership: the training has ended here.</summary>
/// <param name="Own">What there is to go on from.</param>
/// <param name="Yields">Whether this coordinator stands by now; else it ends.</param>
internal sealed record RunEndedHere(Replica Own, bool Yields);

/// <summary>
/// The thread of a coordinator's <see cref="Leadership"/>, from its process's start to its end. Owns the streams to the peers, and the coordinator actor while
/// this one leads. Receives what peers say, passes on what workers say, and tells workers who leads. Tells the host when to train, and how it ends.
/// </summary>
internal sealed class LeadershipActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(20);

    private readonly Leadership _leadership;
    private readonly PeerServer _server;
    private readonly Func<IMailbox, PeerDialer?[]> _dial;
    private readonly ChannelWriter<LeadershipTask> _tasks;
    private readonly IProgress<RunEvent> _events;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private PeerDialer?[] _dialers = [];
    private IActorRef? _coordinator;
    private Replica _run;
    private readonly List<object> _early = [];
    private bool _isFollowing, _isStopped, _isOver;
    private string? _warned;

    /// <param name="leadership">The decisions.</param>
    /// <param name="server">The streams that peers have opened.</param>
    /// <param name="dial">Opens streams to the peers, in the order of the list; null for this coordinator's own place.</param>
    /// <param name="tasks">What the host is to do.</param>
    /// <param name="events">Told what happens.</param>
    public static Props Props(
        Leadership leadership, PeerServer server, Func<IMailbox, PeerDialer?[]> dial, ChannelWriter<LeadershipTask> tasks, IProgress<RunEvent> events) =>
        Akka.Actor.Props.Create(() => new LeadershipActor(leadership, server, dial, tasks, events));

    public LeadershipActor(
        Leadership leadership, PeerServer server, Func<IMailbox, PeerDialer?[]> dial, ChannelWriter<LeadershipTask> tasks, IProgress<RunEvent> events)
    {
        _leadership = leadership;
        _server = server;
        _dial = dial;
        _tasks = tasks;
        _events = events;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Time of a clock that nobody sets.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, typeof(ClusterEvent.MemberRemoved));
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
        _dialers = _dial(new ActorMailbox(Self));
        // Alone it waits for nobody.
        if (_dialers.Length > 1)
            Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickEvery);
        Carry(_leadership.Tick(Now));
    }

    protected override void PostStop()
    {
        foreach (PeerDialer? dialer in _dialers)
            dialer?.Dispose();
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                Carry(_leadership.Tick(Now));
                break;
            case PeerHeard heard:
                OnPeerHeard(heard);
                break;
            case PeerLost lost:
                Carry(_leadership.Lost(lost.Peer, lost.IsGone, lost.Reason, Now));
                break;
            case PeerReplicated replicated:
                OnReplicated(replicated);
                break;
            case PeerParted parted:
                OnParted(parted);
                break;
            case PeerUnproven unproven:
                OnUnproven(unproven.Reason);
                break;
            case PeerTroubled troubled:
                _events.Report(new RunEvent.Warning(troubled.Problem));
                break;
            case FindLeader find:
                OnFindLeader(find);
                break;
            case JoinRun join:
                OnJoinRun(join);
                break;
            case PeerRefused refused:
                if (!refused.IsDialer)
                    _coordinator?.Tell(refused);
                break;
            case ClusterEvent.MemberRemoved removed:
                _coordinator?.Tell(new NodeRemoved(removed.Member.UniqueAddress.ToString()));
                break;
            case BeginRun begin:
                _coordinator = Context.ActorOf(begin.Coordinator, $"run-{_run.Term}");
                _early.ForEach(_coordinator.Tell);
                _early.Clear();
                if (_isStopped)
                    _coordinator.Tell(new StopRun());
                break;
            case RunProgressed progressed:
                OnProgressed(progressed);
                break;
            case RunEndedHere ended:
                OnRunEnded(ended);
                break;
            case StopRun stop:
                OnStop(stop);
                break;
            case StreamOpened or LaunchProgressed or LaunchedWorkerExited:
                Pass(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Pass(object message)
    {
        if (_coordinator is not null)
            _coordinator.Tell(message);
        else if (message is StreamOpened opened)
            opened.Connection.Dispose();
        else
            _early.Add(message);
    }

    // Peers

    private void OnPeerHeard(PeerHeard heard)
    {
        if (ProductVersion.Objection(heard.Status.Version, "this one") is { } objection)
            OnUnproven(objection);
        else
            Carry(_leadership.Heard(heard.Peer, heard.Status, Now));
    }

    private void OnReplicated(PeerReplicated replicated)
    {
        Carry(_leadership.Replicated(replicated.Peer, replicated.Run, replicated.Term, replicated.Step, Now));
        _events.Report(_isFollowing
            ? new RunEvent.Replicated(replicated.Step)
            : new RunEvent.Following(_leadership.Leader ?? "", replicated.Run.ToString("x16"), replicated.Term, replicated.Step));
        _isFollowing = true;
    }

    private void OnParted(PeerParted parted)
    {
        if (parted.OtherRun is { } other && _leadership.Role == PeerRole.Following)
            _tasks.TryWrite(new LeadershipTask.EndForOtherRun(other, _leadership.Leader ?? ""));
        else
            Carry(_leadership.Parted(parted.Peer, parted.Why, parted.Reason, Now));
    }

    // One that does not trust the others cannot know whether they lead; one that leads goes on.
    private void OnUnproven(string reason)
    {
        if (_leadership.Role == PeerRole.Seeking)
            _tasks.TryWrite(new LeadershipTask.End(RunOutcome.ClusterLost, $"This coordinator and another one of the run do not talk to each other: {reason.TrimEnd('.')}."));
        else if (_warned != reason)
            _events.Report(new RunEvent.Warning($"Another coordinator does not talk to this one: {reason.TrimEnd('.')}."));
        _warned = reason;
    }

    // Workers

    private void OnFindLeader(FindLeader find)
    {
        if (ProductVersion.Objection(find.Version, "the coordinator") is { } objection)
        {
            Sender.Tell(new JoinRefused(objection));
            _events.Report(new RunEvent.WorkerRefused(NameOf(Sender.Path.Address), objection));
            return;
        }

        if (_isOver)
        {
            Sender.Tell(new RunEnded(Completed: true, "The run is over."));
            return;
        }

        PeerStatus status = _leadership.Status;
        Sender.Tell(new LeaderFound(_leadership.Leader ?? "", _coordinator is not null && status.Role == PeerRole.Leading, status.Step, status.Workers, status.Term));
    }

    private void OnJoinRun(JoinRun join)
    {
        Address address = Sender.Path.Address;
        if (_coordinator is not null && _cluster.State.Members.FirstOrDefault(member => member.Address == address) is { } member)
            _coordinator.Tell(new WorkerAsked(join, NameOf(address), member.UniqueAddress.ToString(), new ActorMailbox(Sender)));
    }

    private static string NameOf(Address address) => $"{address.Host}:{address.Port}";

    // Leading

    private void OnProgressed(RunProgressed progressed)
    {
        if (Sender != _coordinator)
            return;
        _isOver = progressed.IsOver;
        _leadership.Progressed(_run.Run, _run.Term, progressed.Step, progressed.Workers);
        if (progressed.IsEnding && _leadership.Role == PeerRole.Leading)
            _leadership.Leave();
        Carry([]);
    }

    private void OnRunEnded(RunEndedHere ended)
    {
        if (_coordinator is not null)
            Context.Stop(_coordinator);
        _coordinator = null;
        if (ended.Yields)
            Carry(_leadership.Yielded(ended.Own, Now));
    }

    private void OnStop(StopRun stop)
    {
        _isStopped = true;
        if (_coordinator is not null)
            _coordinator.Tell(stop);
        else if (_leadership.Role != PeerRole.Leading)
            _tasks.TryWrite(new LeadershipTask.End(RunOutcome.Stopped, "Stopped standing by."));
    }

    private void Carry(IReadOnlyList<LeadershipEffect> effects)
    {
        for (int i = 0; i < effects.Count; i++)
            Carry(effects[i]);
        _server.Post(_leadership.Status);
    }

    private void Carry(LeadershipEffect effect)
    {
        switch (effect)
        {
            case LeadershipEffect.Follow follow:
                _dialers[follow.Peer]!.Follow(true);
                break;
            case LeadershipEffect.Unfollow unfollow:
                _dialers[unfollow.Peer]!.Follow(false);
                if (_isFollowing)
                    _events.Report(new RunEvent.LeaderLost(unfollow.Name, unfollow.Reason));
                else if (_warned != unfollow.Reason)
                    _events.Report(new RunEvent.Warning($"Not following the coordinator at {unfollow.Name}: {unfollow.Reason}"));
                _warned = unfollow.Reason;
                _isFollowing = false;
                break;
            case LeadershipEffect.Lead lead:
                _run = new Replica(lead.Run == 0 ? RunState.NewRun() : lead.Run, lead.Term, 0);
                _tasks.TryWrite(new LeadershipTask.Train(_run.Run, lead.Term));
                break;
            case LeadershipEffect.Yield yield:
                _events.Report(new RunEvent.Yielding(yield.Name));
                _coordinator?.Tell(new YieldRun(yield.Name));
                break;
            case LeadershipEffect.Conclude conclude:
                _tasks.TryWrite(conclude.IsComplete
                    ? new LeadershipTask.Complete()
                    : new LeadershipTask.End(RunOutcome.Failed, $"The run failed under its coordinator: {conclude.Reason}"));
                break;
            case LeadershipEffect.Wait wait:
                _events.Report(new RunEvent.SeekingLeader(wait.Reason));
                break;
        }
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
