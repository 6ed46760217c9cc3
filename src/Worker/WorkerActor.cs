using System.Diagnostics;
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
/// tensor stream. Receives the coordinator's answers and the end of the session; the first end there is, is the worker's. Where there are standbys it
/// asks all coordinators, of which the one that leads answers; when that is lost, it promises a standby to follow it and asks again.
/// </summary>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private const string AskedToStop = "it was asked to stop";
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1), AskStandbysAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>How a worker ends that was asked to.</summary>
    public static readonly WorkerResult Stopped = new(WorkerOutcome.Completed, "This worker was asked to stop.");

    private readonly Membership _membership;
    private readonly WorkerOptions _options;
    private readonly TaskCompletionSource<WorkerResult> _result;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private WorkerSession? _session;
    private Address? _leader;
    private bool _isDraining;

    public static Props Props(Membership membership, TaskCompletionSource<WorkerResult> result) =>
        Akka.Actor.Props.Create(() => new WorkerActor(membership, result));

    public WorkerActor(Membership membership, TaskCompletionSource<WorkerResult> result)
    {
        (_membership, _options, _result) = (membership, membership.Options, result);
        Reaching();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Address self = _cluster.SelfAddress;
        _membership.Meter.Status.Name = $"{self.Host}:{self.Port}";
        // Joined is enough: it is "up" only when all members agree, and two workers that do not hear each other never do.
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberJoined), typeof(ClusterEvent.MemberUp));
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
        TimeSpan patience = _membership.Patience;
        Timers.StartSingleTimer(nameof(JoinTimedOut), JoinTimedOut.Instance, patience > TimeSpan.Zero ? patience : TimeSpan.FromMilliseconds(1));
    }

    protected override void PostStop()
    {
        // Stopped by the host, once there is a result, or with the whole node, when the cluster has removed it.
        bool removed = _result.TrySetResult(_isDraining ? Stopped : new WorkerResult(
            WorkerOutcome.Disconnected,
            $"The cluster removed this worker: for some seconds it and the coordinator at {_options.Places} did not hear each other."));
        _session?.Stop(removed ? "the cluster removed its node: it was silent for some seconds" : AskedToStop);
    }

    /// <summary>Not in the cluster yet, or not answered yet.</summary>
    private void Reaching()
    {
        Receive<Drain>(_ => End(Stopped));
        Receive<AskPromise>(OnAskPromise);
        Receive<ClusterEvent.IMemberEvent>(
            joined => Self.Tell(AskToJoin.Instance), joined => joined.Member.UniqueAddress == _cluster.SelfUniqueAddress);
        Receive<AskToJoin>(_ => OnAskToJoin());
        Receive<RunOffered>(OnRunOffered);
        Receive<JoinRefused>(refused => End(new WorkerResult(WorkerOutcome.Refused, $"The coordinator refused this worker: {refused.Reason}")));
        Receive<PeerRefused>(
            refused => End(new WorkerResult(WorkerOutcome.Refused, $"This worker does not join the coordinator at {_options.Places}: {refused.Reason}.")),
            refused => refused.IsDialer && _membership.Coordinators.Any(seed => refused.Host == seed.Place.Address.ToString() && refused.Port == seed.Place.Port));
        Receive<RunEnded>(ended => End(new WorkerResult(WorkerOutcome.Completed, ended.Reason)));
        Receive<JoinTimedOut>(_ => End(_leader is not null
            ? new WorkerResult(WorkerOutcome.Disconnected, $"The coordinator at {_leader.Host}:{_leader.Port} is lost, and no other led in its place.")
            : new WorkerResult(
                WorkerOutcome.CoordinatorLost,
                $"No coordinator answered at {_options.Places} within {_options.JoinTimeout.TotalSeconds:0} s. Is it running, and is the port right and open?")));
    }

    /// <summary>The session has the word.</summary>
    private void Working()
    {
        Receive<Drain>(_ =>
        {
            _isDraining = true;
            _session!.Drain(AskedToStop);
        });
        Receive<AskPromise>(OnAskPromise);
        Receive<WorkerResult>(OnSessionEnded);
        Receive<SessionFailed>(failed => _result.TrySetException(failed.Cause));
    }

    private void OnAskToJoin()
    {
        var join = new JoinRun(new WorkerInfo(
            Environment.MachineName, _options.Process, _options.Lanes, ProductVersion.Current, Processor, _membership.Held.Current?.Digest ?? ""));
        IEnumerable<string> places = _membership.Coordinators.Select(seed => $"{seed.Place}")
            .Concat(Coordinators.InOrder(_cluster).Select(member => $"{member.Address.Host}:{member.Address.Port}"));
        foreach (string place in places.Distinct())
            Context.ActorSelection($"akka.tcp://{Context.System.Name}@{place}/user/coordinator").Tell(join);
        Timers.StartSingleTimer(nameof(AskToJoin), AskToJoin.Instance, _leader is null ? AskAgainAfter : AskStandbysAgainAfter);
    }

    private void OnRunOffered(RunOffered offer)
    {
        if (!_membership.Fence.TryAccept(offer.Run, offer.Term, Now))
            return; // From one that leads no more, and does not know it yet.
        Timers.CancelAll();
        _leader = Sender.Path.Address;
        string? name = _membership.Coordinators.FirstOrDefault(seed => $"{seed.Place}" == $"{_leader.Host}:{_leader.Port}").Name;
        _session = new WorkerSession(offer, _cluster.SelfUniqueAddress.ToString(), _options, _membership.Held, _membership.Meter, name);
        _session.Start().PipeTo(Self, success: result => result, failure: exception => new SessionFailed(exception));
        Become(Working);
    }

    private void OnSessionEnded(WorkerResult result)
    {
        if (_isDraining || result.Outcome != WorkerOutcome.Disconnected || Coordinators.InOrder(_cluster).All(member => member.Address == _leader))
        {
            End(_isDraining ? Stopped : result);
            return;
        }

        _membership.Notices?.Report($"{result.Message} Waiting for a standby to lead.");
        _session = null;
        _membership.Fence.Lose(Now);
        Become(Reaching);
        Timers.StartSingleTimer(nameof(JoinTimedOut), JoinTimedOut.Instance, _options.JoinTimeout);
        Self.Tell(AskToJoin.Instance);
    }

    private void OnAskPromise(AskPromise ask)
    {
        TermFence fence = _membership.Fence;
        bool hearsLeader = _session is not null && _cluster.FailureDetector.IsAvailable(_leader);
        bool isPromised = fence.Answer(ask.Run, ask.Term, ask.IsTrial, hearsLeader, Now);
        Sender.Tell(new PromiseAnswered(ask.Run, ask.Term, ask.IsTrial, isPromised, fence.Newest));
        if (isPromised && !ask.IsTrial)
            _session?.Supersede(ask.Term);
    }

    /// <summary>Time of a clock that nobody sets.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

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
