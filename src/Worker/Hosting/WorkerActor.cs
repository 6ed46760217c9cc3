using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Sessions;
using Lockstep.Worker.Slices;
using Microsoft.Extensions.Logging;

namespace Lockstep.Worker.Hosting;

/// <summary>
/// Runs a worker's <see cref="LeaderSearch"/> for one cluster membership: finds the leader, joins its cluster, and starts a session on the
/// tensor stream. Receives the coordinators' answers and the end of the session. The first end of the membership wins.
/// </summary>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private const string AskedToStop = "it was asked to stop";

    /// <summary>Interval of ticks during the search, and of checks that the leader is still heard afterwards.</summary>
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(20), LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly Membership _membership;
    private readonly WorkerOptions _options;
    private readonly TaskCompletionSource<WorkerResult> _result;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly LeaderSearch _search;
    private WorkerSession? _session;
    private Address? _leader;

    public static Props Props(Membership membership, TaskCompletionSource<WorkerResult> result) =>
        Akka.Actor.Props.Create(() => new WorkerActor(membership, result));

    public WorkerActor(Membership membership, TaskCompletionSource<WorkerResult> result)
    {
        _membership = membership;
        _options = membership.Options;
        _result = result;
        _search = new LeaderSearch(membership.Known, _options.Places);
        Receive<Tick>(_ => Carry(_search.Tick(HearsLeader, Now)));
        Receive<LeaderFound>(found => Carry(_search.Found(NameOf(Sender), found, HearsLeader, Now)));
        Receive<ClusterEvent.IMemberEvent>(
            _ => Carry(_search.Joined(Now)), joined => joined.Member.UniqueAddress == _cluster.SelfUniqueAddress);
        Receive<RunOffered>(offer => Carry(_search.Offered(offer)));
        Receive<JoinRefused>(refused => Carry(_search.Refused(refused.Reason)));
        Receive<PeerRefused>(
            refused => End(
                new WorkerResult(
                    WorkerOutcome.Refused, $"This worker does not join the coordinator at {_options.Places}: {refused.Reason}.")),
            refused => refused.IsDialer && _session is null
                && _membership.Coordinators.Any(seed => refused.Host == seed.Place.Address.ToString() && refused.Port == seed.Place.Port));
        Receive<RunEnded>(ended => Carry(_search.RunIsOver(ended.Reason, HearsLeader)));
        Receive<JoinTimedOut>(_ => Carry(_search.TimedOut(_options.JoinTimeout)));
        Receive<Drain>(_ => Carry(_search.Drain()));
        Receive<WorkerResult>(result => Carry(_search.SessionEnded(result)));
        Receive<SessionFailed>(failed => _result.TrySetException(failed.Cause));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Time of a monotonic clock.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    private static string Processor =>
        $"{RuntimeInformation.ProcessArchitecture}, "
            + $"{(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}-bit vectors";

    private bool HearsLeader => _leader is not null && _cluster.FailureDetector.IsAvailable(_leader);

    protected override void PreStart()
    {
        Address self = _cluster.SelfAddress;
        _membership.Meter.Status.Name = $"{self.Host}:{self.Port}";
        // Joining is enough. A member is "up" only when all members agree, and two workers that do not hear each other never agree.
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberJoined),
            typeof(ClusterEvent.MemberUp));
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
        TimeSpan timeout = _membership.Timeout;
        Timers.StartSingleTimer(
            nameof(JoinTimedOut), JoinTimedOut.Instance, timeout > TimeSpan.Zero ? timeout : TimeSpan.FromMilliseconds(1));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.Zero, TickEvery);
    }

    protected override void PostStop()
    {
        // Stopped by the host once there is a result, or with the whole node after the cluster has removed it.
        bool isRemoved = !_result.Task.IsCompleted;
        Carry(_search.Removed());
        _session?.Stop(isRemoved ? "the cluster removed its node: it was silent for some seconds" : AskedToStop);
    }

    private void Carry(IReadOnlyList<WorkerEffect> effects)
    {
        for (int i = 0; i < effects.Count; i++)
        {
            switch (effects[i])
            {
                case WorkerEffect.Ask ask:
                    foreach (string place in ask.Places)
                        CoordinatorAt(place).Tell(new FindLeader(ProductVersion.Current));
                    break;
                case WorkerEffect.Join join:
                    _leader = Address.Parse($"akka.tcp://{Context.System.Name}@{join.Leader}");
                    ClusterSystem.Join(Context.System, _leader);
                    break;
                case WorkerEffect.AskToJoin ask:
                    CoordinatorAt(ask.Leader).Tell(new JoinRun(
                        new WorkerInfo(
                            Environment.MachineName, _options.Process, _options.Lanes, ProductVersion.Current, Processor,
                            _membership.Held.Current?.Digest ?? ""),
                        Attempt: 0));
                    break;
                case WorkerEffect.Open open:
                    Open(open.Offer);
                    break;
                case WorkerEffect.Drain:
                    _session!.Drain(AskedToStop);
                    break;
                case WorkerEffect.End end:
                    End(end.Result);
                    break;
            }
        }
    }

    private void Open(RunOffered offer)
    {
        Timers.Cancel(nameof(JoinTimedOut));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, LookEvery);
        string? name = _membership.Coordinators.FirstOrDefault(seed => $"{seed.Place}" == _search.Leader).Name;
        string self = _cluster.SelfUniqueAddress.ToString();
        _session = new WorkerSession(
            new FrameOrigin(offer.Run, offer.Term), () => SessionStream.Open(offer, self, _options, name), _options.Lanes,
            _membership.Held, _membership.Meter, MateNetworkOf);
        _session.Start().PipeTo(Self, success: result => result, failure: exception => new SessionFailed(exception));
    }

    private MateNetwork? MateNetworkOf(FrameStream stream) => stream is TensorConnection { LocalAddress: { } address }
        ? new MateNetwork(address, _options.Secret, _options.Tls, _membership.Loggers.CreateLogger<TensorListener>())
        : null;

    private static ActorSelection CoordinatorAt(string place) =>
        Context.ActorSelection($"akka.tcp://{Context.System.Name}@{place}/user/coordinator");

    private static string NameOf(IActorRef actor) => $"{actor.Path.Address.Host}:{actor.Path.Address.Port}";

    private void End(WorkerResult result) => _result.TrySetResult(result);

    /// <summary>Host -> worker: answer what is owed in the current step, then leave.</summary>
    public sealed record Drain
    {
        public static readonly Drain Instance = new();
    }

    private sealed record SessionFailed(Exception Cause);

    private sealed record JoinTimedOut
    {
        public static readonly JoinTimedOut Instance = new();
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
