using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;

namespace Lockstep.Worker;

/// <summary>
/// Takes a worker through its life: reach the cluster, ask the coordinator to join, then leave the work to a session on the
/// tensor stream. Receives the coordinator's answers and the end of the session; the first end there is, is the worker's.
/// </summary>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private const string AskedToStop = "it was asked to stop";
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>How a worker ends that was asked to.</summary>
    public static readonly WorkerResult Stopped = new(WorkerOutcome.Completed, "This worker was asked to stop.");

    private readonly WorkerOptions _options;
    private readonly TimeSpan _patience;
    private readonly HeldImages _held;
    private readonly WorkerMeter _meter;
    private readonly TaskCompletionSource<WorkerResult> _result;
    private readonly ActorSelection _coordinator;
    private WorkerSession? _session;
    private bool _isDraining;

    public static Props Props(
        WorkerOptions options, TimeSpan patience, IPEndPoint coordinator, HeldImages held, WorkerMeter meter, TaskCompletionSource<WorkerResult> result) =>
        Akka.Actor.Props.Create(() => new WorkerActor(options, patience, coordinator, held, meter, result));

    public WorkerActor(
        WorkerOptions options, TimeSpan patience, IPEndPoint coordinator, HeldImages held, WorkerMeter meter, TaskCompletionSource<WorkerResult> result)
    {
        (_options, _patience, _held, _meter, _result) = (options, patience, held, meter, result);
        _coordinator = Context.ActorSelection($"akka.tcp://{Context.System.Name}@{coordinator}/user/coordinator");
        Reaching(coordinator);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Address self = Cluster.Get(Context.System).SelfAddress;
        _meter.Status.Name = $"{self.Host}:{self.Port}";
        // Joined is enough: it is "up" only when all members agree, and two workers that do not hear each other never do.
        Cluster.Get(Context.System).Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberJoined), typeof(ClusterEvent.MemberUp));
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
        Timers.StartSingleTimer(nameof(JoinTimedOut), JoinTimedOut.Instance, _patience > TimeSpan.Zero ? _patience : TimeSpan.FromMilliseconds(1));
    }

    protected override void PostStop()
    {
        // Stopped by the host, once there is a result, or with the whole node, when the cluster has removed it.
        bool removed = _result.TrySetResult(_isDraining ? Stopped : new WorkerResult(
            WorkerOutcome.Disconnected,
            $"The cluster removed this worker: for some seconds it and the coordinator at {_options.Host}:{_options.Port} did not hear each other."));
        _session?.Stop(removed ? "the cluster removed its node: it was silent for some seconds" : AskedToStop);
    }

    /// <summary>Not in the cluster yet, or not answered yet.</summary>
    private void Reaching(IPEndPoint coordinator)
    {
        Receive<Drain>(_ => End(Stopped));
        Receive<ClusterEvent.IMemberEvent>(
            joined => Self.Tell(AskToJoin.Instance), joined => joined.Member.UniqueAddress == Cluster.Get(Context.System).SelfUniqueAddress);
        Receive<AskToJoin>(_ =>
        {
            _coordinator.Tell(new JoinRun(new WorkerInfo(Environment.MachineName, Environment.ProcessId, _options.Lanes, ProductVersion.Current, Processor, _held.Current?.Digest ?? "")));
            Timers.StartSingleTimer(nameof(AskToJoin), AskToJoin.Instance, AskAgainAfter);
        });
        Receive<RunOffered>(offer =>
        {
            Timers.CancelAll();
            _session = new WorkerSession(offer, Cluster.Get(Context.System).SelfUniqueAddress.ToString(), _options, _held, _meter);
            _session.Start().PipeTo(Self, success: result => result, failure: exception => new SessionFailed(exception));
            Become(Working);
        });
        Receive<JoinRefused>(refused => End(new WorkerResult(WorkerOutcome.Refused, $"The coordinator refused this worker: {refused.Reason}")));
        Receive<PeerRefused>(
            refused => End(new WorkerResult(WorkerOutcome.Refused, $"This worker does not join the coordinator at {_options.Host}:{_options.Port}: {refused.Reason}.")),
            refused => refused.IsDialer && refused.Host == coordinator.Address.ToString() && refused.Port == coordinator.Port);
        Receive<RunEnded>(ended => End(new WorkerResult(WorkerOutcome.Completed, ended.Reason)));
        Receive<JoinTimedOut>(_ => End(new WorkerResult(
            WorkerOutcome.CoordinatorLost,
            $"No coordinator answered at {_options.Host}:{_options.Port} within {_options.JoinTimeout.TotalSeconds:0} s. Is it running, and is the port right and open?")));
    }

    /// <summary>The session has the word.</summary>
    private void Working()
    {
        Receive<Drain>(_ =>
        {
            _isDraining = true;
            _session!.Drain(AskedToStop);
        });
        Receive<WorkerResult>(result => End(_isDraining ? Stopped : result));
        Receive<SessionFailed>(failed => _result.TrySetException(failed.Cause));
    }

    private static string Processor =>
        $"{RuntimeInformation.ProcessArchitecture}, {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}-bit vectors";

    private void End(WorkerResult result) => _result.TrySetResult(result);

    /// <summary>Host -> worker: finish what is asked in the step under way, then leave.</summary>
    public sealed record Drain
    {
        public static readonly Drain Instance = new();
    }

    private sealed record SessionFailed(Exception Cause);

    private sealed record AskToJoin
    {
        public static readonly AskToJoin Instance = new();
    }

    private sealed record JoinTimedOut
    {
        public static readonly JoinTimedOut Instance = new();
    }
}
