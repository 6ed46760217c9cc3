using System.Diagnostics;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Decisions;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;
using Member = Akka.Cluster.Member;

namespace Lockstep.Coordinator.Standbys;

/// <summary>
/// A coordinator that stands by, through one membership of the cluster. Asks the leading coordinator for what it saves, and when that is gone, all other
/// nodes to promise this one a term (<see cref="Succession"/>). With enough promises it removes whom it does not hear from the cluster, and coordinators
/// that come before it, and leads. Of several standbys each gives those that are older a little time to do so.
/// The rule is that of Akka's cluster singleton, the oldest coordinator that is left, but not its machinery: that follows the removal of the leader from
/// the cluster, and Akka removes nobody whom its failure detector does not miss yet, though the process be known to have ended; and it would choose one
/// that has nothing to go on from.
/// </summary>
internal sealed class StandbyActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50), ProbeTimeout = TimeSpan.FromMilliseconds(500);
    private const int TicksPerAsk = 10, TicksPerRank = 6, TicksToLookAround = 40;

    private readonly StandbyOptions _options;
    private readonly IReadOnlyList<Seed> _seeds;
    private readonly Succession _succession;
    private readonly TermFence _fence;
    private readonly IProgress<StandbyEvent> _events;
    private readonly TaskCompletionSource<StandbyResult?> _result;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private ReplicaReceiver? _receiver;
    private RunOffered? _offer;
    private Member? _leader;
    private UniqueAddress? _gone;
    private int _ticks;

    /// <summary>Ticks without a leader. A new member looks around first: there may be one that it does not follow yet.</summary>
    private int _missedTicks = -TicksToLookAround;
    private bool _isProbing, _isFollowing;

    /// <summary>A standby.</summary>
    /// <param name="options">What the process was started with.</param>
    /// <param name="seeds">The other coordinators, as their names resolve now.</param>
    /// <param name="succession">Its decisions, kept from one membership to the next.</param>
    /// <param name="fence">The terms it has accepted, kept likewise.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="result">How it ends; null when the cluster has removed this node, and it is to join again.</param>
    public static Props Props(
        StandbyOptions options, IReadOnlyList<Seed> seeds, Succession succession, TermFence fence, IProgress<StandbyEvent> events, TaskCompletionSource<StandbyResult?> result) =>
        Akka.Actor.Props.Create(() => new StandbyActor(options, seeds, succession, fence, events, result));

    public StandbyActor(
        StandbyOptions options, IReadOnlyList<Seed> seeds, Succession succession, TermFence fence, IProgress<StandbyEvent> events,
        TaskCompletionSource<StandbyResult?> result)
    {
        (_options, _seeds, _succession, _fence, _events, _result) = (options, seeds, succession, fence, events, result);
        Receive<Tick>(_ => OnTick());
        Receive<RunOffered>(OnRunOffered);
        Receive<JoinRefused>(refused => _result.TrySetResult(new StandbyResult.Refused($"The coordinator refused this standby: {refused.Reason}")));
        Receive<PeerRefused>(
            refused => _result.TrySetResult(new StandbyResult.Refused($"This standby does not join the coordinator at {refused.Host}:{refused.Port}: {refused.Reason}.")),
            refused => refused.IsDialer);
        Receive<ReplicaSaved>(OnReplicaSaved, saved => saved.Receiver == _receiver);
        Receive<ReplicaTroubled>(troubled => _events.Report(new StandbyEvent.Warning(troubled.Problem)));
        Receive<ReplicaEnded>(OnReplicaEnded, ended => ended.Receiver == _receiver);
        Receive<Probed>(OnProbed);
        Receive<AskPromise>(OnAskPromise);
        Receive<PromiseAnswered>(OnPromiseAnswered);
        Receive<Removed>(_ => _result.TrySetResult(null));
        Receive<Stop>(_ => _result.TrySetResult(new StandbyResult.Stopped()));
    }

    /// <summary>Time of a clock that nobody sets.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
        IActorRef self = Self;
        _cluster.RegisterOnMemberRemoved(() => self.Tell(Removed.Instance));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickEvery);
        _events.Report(new StandbyEvent.Looking(string.Join(',', _options.Coordinators.Select(place => $"{place.Host}:{place.Port}"))));
    }

    protected override void PostStop() => _receiver?.Close();

    // Following

    private void OnTick()
    {
        _ticks++;
        if (_succession.Elected is not null)
            return;
        if (_receiver is not null)
        {
            // Its stream ends by itself where the process is gone; where the network is, nothing may be heard of it for long.
            if (!Coordinators.Hears(_cluster, _leader!))
                _receiver.Close();
            return;
        }

        Member[] others = [.. Coordinators.InOrder(_cluster).Where(member => member.UniqueAddress != _cluster.SelfUniqueAddress && member.UniqueAddress != _gone)];
        if (_ticks % TicksPerAsk == 0)
        {
            foreach (Member other in others)
                ActorOf(other, "coordinator").Tell(new StandBy(ProductVersion.Current));
        }

        if (others.FirstOrDefault(member => member.UniqueAddress == _leader?.UniqueAddress) is { } leader && Coordinators.Hears(_cluster, leader))
        {
            _missedTicks = 0;
            _succession.Withdraw();
            Probe();
        }
        else if (_missedTicks++ >= TicksPerRank * others.Count(member => member.IsOlderThan(_cluster.SelfMember) && Coordinators.Hears(_cluster, member)))
        {
            Stand();
        }
    }

    private void OnRunOffered(RunOffered offer)
    {
        if (_receiver is not null || Coordinators.InOrder(_cluster).FirstOrDefault(member => member.Address == Sender.Path.Address) is not { } leader
            || !_succession.TryFollow(offer.Run, offer.Term, Now))
        {
            return;
        }

        (_leader, _offer, _gone, _isFollowing) = (leader, offer, null, false);
        string? name = _seeds.FirstOrDefault(seed => $"{seed.Place}" == NameOf(leader)).Name;
        _receiver = new ReplicaReceiver(_options, offer, _cluster.SelfUniqueAddress.ToString(), name, Self);
        _receiver.Start();
    }

    private void OnReplicaSaved(ReplicaSaved saved)
    {
        _succession.Complete();
        _events.Report(_isFollowing
            ? new StandbyEvent.Replicated(saved.Step)
            : new StandbyEvent.Following(NameOf(_leader!), _offer!.Run.ToString("x16"), _offer.Term, saved.Step));
        _isFollowing = true;
    }

    private void OnReplicaEnded(ReplicaEnded ended)
    {
        _receiver = null;
        _fence.Lose(Now);
        if (ended.OtherRun is { } other)
            _result.TrySetResult(new StandbyResult.OtherRun(other, NameOf(_leader!)));
        else if (ended.Why == Farewell.RunComplete)
            _result.TrySetResult(new StandbyResult.Completed(_offer!.Run.ToString("x16")));
        else if (ended.Why == Farewell.RunFailed)
            _result.TrySetResult(new StandbyResult.Failed(ended.Reason));
        if (_result.Task.IsCompleted)
            return;
        if (_isFollowing)
            _events.Report(new StandbyEvent.LeaderLost(NameOf(_leader!), ended.Reason));
        if (ended.Why == Farewell.HandsOver)
            _gone = _leader!.UniqueAddress;
        OnTick();
    }

    /// <summary>Whether the leader's process has ended: then its machine refuses connections to its port, and nobody needs to wait until it is unheard for long.</summary>
    private void Probe()
    {
        if (_isProbing)
            return;
        _isProbing = true;
        IsRefusedAsync(_offer!.StreamHost, _offer.StreamPort).PipeTo(Self, success: isRefused => new Probed(_leader!.UniqueAddress, isRefused));
    }

    private static async Task<bool> IsRefusedAsync(string host, int port)
    {
        using var timeout = new CancellationTokenSource(ProbeTimeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, timeout.Token).ConfigureAwait(false);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void OnProbed(Probed probed)
    {
        _isProbing = false;
        if (!probed.IsRefused || _receiver is not null || probed.Leader != _leader?.UniqueAddress)
            return;
        _gone = probed.Leader;
        OnTick();
    }

    // Leading

    private void Stand()
    {
        if (_succession.Stand() is not { } candidacy)
            return;
        foreach (Member member in Others())
            ActorOf(member, Coordinators.Includes(member) ? "standby" : "worker").Tell(new AskPromise(_succession.Run, candidacy.Term, candidacy.IsTrial));
        Advance();
    }

    private void OnPromiseAnswered(PromiseAnswered answer)
    {
        _succession.OnAnswer($"{Sender.Path.Address}", answer.Run, new Candidacy(answer.Term, answer.IsTrial), answer.IsPromised, answer.Newest);
        Advance();
    }

    private void OnAskPromise(AskPromise ask)
    {
        bool hearsLeader = _succession.Elected is not null || (_receiver is not null && Coordinators.Hears(_cluster, _leader!));
        bool isPromised = _fence.Answer(ask.Run, ask.Term, ask.IsTrial, hearsLeader, Now);
        Sender.Tell(new PromiseAnswered(ask.Run, ask.Term, ask.IsTrial, isPromised, _fence.Newest));
        if (!isPromised || ask.IsTrial)
            return;
        _succession.Withdraw();
        ReplicaReceiver? receiver = _receiver;
        if (receiver is not null)
            Task.Run(() => receiver.Supersede(ask.Term));
    }

    private Member[] Others() =>
        [.. Coordinators.Members(_cluster).Where(member => member.UniqueAddress != _cluster.SelfUniqueAddress && member.UniqueAddress != _gone)];

    private void Advance()
    {
        Member[] others = Others();
        if (!_succession.Advance([.. others.Select(member => $"{member.Address}")], Now))
            return;
        if (_succession.Elected is not { } term)
        {
            Stand();
            return;
        }

        _events.Report(new StandbyEvent.Elected(term, _succession.Promised, others.Length + 1));
        // Who leads is the first of the coordinators: those before it, which had nothing to go on from, join again.
        foreach (Member member in Coordinators.Members(_cluster).Where(IsInTheWay).ToList())
            _cluster.Down(member.Address);
        _result.TrySetResult(new StandbyResult.Leads(new Reign(Context.System, _succession.Run, term)));
    }

    private bool IsInTheWay(Member member) => member.UniqueAddress == _gone || !Coordinators.Hears(_cluster, member)
        || (Coordinators.Includes(member) && member.IsOlderThan(_cluster.SelfMember));

    private static ActorSelection ActorOf(Member member, string name) => Context.ActorSelection($"{member.Address}/user/{name}");

    private static string NameOf(Member member) => $"{member.Address.Host}:{member.Address.Port}";

    /// <summary>Host -> standby: leave.</summary>
    public sealed record Stop
    {
        public static readonly Stop Instance = new();
    }

    private sealed record Removed
    {
        public static readonly Removed Instance = new();
    }

    private sealed record Probed(UniqueAddress Leader, bool IsRefused);

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
