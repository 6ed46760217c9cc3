using System.Diagnostics;
using System.Threading.Channels;
using Akka.Actor;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Peers;

/// <summary>Host -> leadership: ready to train.</summary>
/// <param name="Coordinator">The actor that trains.</param>
internal sealed record BeginRun(Props Coordinator);

/// <summary>
/// Runs a coordinator's <see cref="LeadershipRole"/>. Owns the streams to the peers, and the coordinator actor while this coordinator
/// leads.
/// </summary>
internal sealed class LeadershipActor : UntypedActor, IWithTimers
{
    private readonly LeadershipRole _role;
    private readonly Func<IMailbox, PeerDialer?[]> _dial;
    private PeerDialer?[] _dialers = [];
    private IActorRef? _coordinator;

    /// <param name="leadership">The decisions.</param>
    /// <param name="server">Streams that peers have opened.</param>
    /// <param name="dial">Opens streams to the peers, in the order of the list; null for this coordinator.</param>
    /// <param name="tasks">Receives what the host is to do.</param>
    /// <param name="events">Receives the events.</param>
    public static Props Props(
        Leadership leadership, PeerServer server, Func<IMailbox, PeerDialer?[]> dial, ChannelWriter<LeadershipTask> tasks,
        IProgress<RunEvent> events) =>
        Akka.Actor.Props.Create(() => new LeadershipActor(leadership, server, dial, tasks, events));

    public LeadershipActor(
        Leadership leadership, PeerServer server, Func<IMailbox, PeerDialer?[]> dial, ChannelWriter<LeadershipTask> tasks,
        IProgress<RunEvent> events)
    {
        _dial = dial;
        _role = new LeadershipRole(
            leadership,
            new LeadershipPorts(server, (peer, follows) => _dialers[peer]!.Follow(follows), task => tasks.TryWrite(task), events));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Time of a monotonic clock.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    protected override void PreStart()
    {
        _dialers = _dial(new ActorMailbox(Self));
        // A single coordinator waits for nobody.
        if (_dialers.Length > 1)
            Timers.StartPeriodicTimer(nameof(LeadershipTick), LeadershipTick.Instance, LeadershipTick.Every);
        _role.Start(Now);
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
            case BeginRun begin:
                _coordinator = Context.ActorOf(begin.Coordinator);
                _role.Receive(new RunBegun(new ActorMailbox(_coordinator)), Now);
                break;
            case RunEndedHere ended:
                Context.Stop(_coordinator);
                _role.Receive(ended, Now);
                break;
            default:
                _role.Receive(message, Now);
                break;
        }
    }
}
