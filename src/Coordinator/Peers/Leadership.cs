using Lockstep.Model.Training;
using Lockstep.Shared;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>How long a coordinator waits for others before it leads.</summary>
/// <param name="Silence">A peer that is silent for this long counts as gone.</param>
/// <param name="PerRank">Head start of each peer that comes first.</param>
/// <param name="Again">Delay before following again after a failed attempt.</param>
internal sealed record LeadershipTimes(TimeSpan Silence, TimeSpan PerRank, TimeSpan Again);

/// <summary>The newest checkpoint of a run that a coordinator can continue from.</summary>
/// <param name="Run">The run; 0 for none.</param>
/// <param name="Term">Newest known term of the run.</param>
/// <param name="Step">Completed steps; 0 without a checkpoint.</param>
internal readonly record struct Replica(ulong Run, int Term, long Step);

/// <summary>
/// Decides who leads a run, for one of its coordinators. Two leaders of one run compute the same bytes, so this need not be safe, only fast
/// and self-healing. A coordinator follows a leader it hears, one with workers rather than one without. If it hears none, the furthest of
/// those that hear each other leads; at the same step, the first in the list of peers. Of leaders that meet, the one behind yields.
/// Has no actors, sockets or clocks: the caller gives the time of a monotonic clock, and carries out the returned effects.
/// </summary>
internal sealed class Leadership
{
    private readonly int _self;
    private readonly PeerView[] _views;
    private readonly LeadershipTimes _times;
    private readonly List<LeadershipEffect> _effects = [];
    private Replica _own;
    private int _newestTerm;
    private int _workers;
    private int? _followed;
    private TimeSpan _notBefore;
    private TimeSpan? _freeSince;
    private string? _waitsFor;
    private int? _yieldsTo;

    // After a handover: the peers that followed the same leader.
    private int[]? _handoverPeers;

    /// <summary>Starts looking for a leader.</summary>
    /// <param name="self">This coordinator's index in the list of peers.</param>
    /// <param name="peers">All coordinators of the run, as HOST:PORT.</param>
    /// <param name="spec">Hash of the run spec.</param>
    /// <param name="times">How long to wait.</param>
    /// <param name="own">What it can continue from.</param>
    /// <param name="now">The time.</param>
    public Leadership(int self, IReadOnlyList<string> peers, Hash128 spec, LeadershipTimes times, Replica own, TimeSpan now)
    {
        _self = self;
        _times = times;
        _own = own;
        _newestTerm = own.Term;
        Spec = spec;
        _views = [.. peers.Select(name => new PeerView(name, now))];
    }

    public PeerRole Role { get; private set; }

    /// <summary>Hash of the run spec.</summary>
    public Hash128 Spec { get; }

    /// <summary>The status that the peers receive.</summary>
    public PeerStatus Status => new(
        ProductVersion.Current, Role, Spec, _own.Run, _own.Term, _own.Step, _workers, _followed is { } leader ? _views[leader].Name : "");

    /// <summary>HOST:PORT of the peer that this coordinator follows or yields to, for workers; null for none.</summary>
    public string? Leader => (_followed ?? _yieldsTo) is { } leader ? _views[leader].Name : null;

    /// <summary>Handles a peer's status.</summary>
    public IReadOnlyList<LeadershipEffect> Heard(int peer, PeerStatus status, TimeSpan now)
    {
        PeerView view = _views[peer];
        (view.Status, view.LastHeard, view.IsGone) = (status, now, false);
        if (status.Spec == Spec && status.Run == _own.Run)
            _newestTerm = Math.Max(_newestTerm, status.Term);
        // A leaving leader still sends its last checkpoint and says what becomes of the run.
        if (_followed == peer && status.Role is PeerRole.Seeking or PeerRole.Following)
            Seek("it no longer leads", now);
        return Decide(now);
    }

    /// <summary>Handles the loss of a peer: its process is gone (its machine refuses connections), or it is silent.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="isGone">Whether its process is known to be gone.</param>
    /// <param name="reason">What was observed.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<LeadershipEffect> Lost(int peer, bool isGone, string reason, TimeSpan now)
    {
        PeerView view = _views[peer];
        (view.Status, view.IsGone) = (null, isGone);
        if (_followed == peer)
            Seek(reason, now);
        return Decide(now);
    }

    /// <summary>A checkpoint of the followed leader, or everything it has saved so far, is on this disk.</summary>
    public IReadOnlyList<LeadershipEffect> Replicated(int peer, ulong run, int term, long step, TimeSpan now)
    {
        if (_followed != peer)
            return [];
        _newestTerm = run == _own.Run ? Math.Max(term, _newestTerm) : term;
        _own = new Replica(run, term, Math.Max(step, _own.Step));
        return Decide(now);
    }

    /// <summary>The followed leader has said why it ends; null if what it sent could not be saved.</summary>
    public IReadOnlyList<LeadershipEffect> Parted(int peer, ByeReason? why, string reason, TimeSpan now)
    {
        if (_followed != peer)
            return [];
        if (why is ByeReason.RunComplete or ByeReason.RunFailed)
        {
            _effects.Add(new LeadershipEffect.Conclude(why == ByeReason.RunComplete, reason));
            return Take();
        }

        int[]? heirs = why == ByeReason.HandsOver ? FollowersOf(_views[peer].Name) : null;
        if (why == ByeReason.HandsOver && _views[peer].Status is { } status)
            _views[peer].Status = status with { Role = PeerRole.Leaving };
        Seek(reason, now);
        _handoverPeers = heirs;
        if (why is null)
            _notBefore = now + _times.Again;
        return Decide(now);
    }

    /// <summary>Records the progress of this coordinator's training.</summary>
    public void Progressed(ulong run, int term, long step, int workers)
    {
        _own = new Replica(run, term, step);
        _workers = workers;
    }

    /// <summary>This coordinator's training ends; another one continues it.</summary>
    public void Leave() => Role = PeerRole.Leaving;

    /// <summary>This coordinator's training has ended because it yields. It looks for the leader again.</summary>
    public IReadOnlyList<LeadershipEffect> Yielded(Replica own, TimeSpan now)
    {
        (Role, _workers, _yieldsTo, _freeSince, _own) = (PeerRole.Seeking, 0, null, null, own);
        return Decide(now);
    }

    /// <summary>Advances the time.</summary>
    public IReadOnlyList<LeadershipEffect> Tick(TimeSpan now) => Decide(now);

    private LeadershipEffect[] Decide(TimeSpan now)
    {
        if (Role == PeerRole.Leading)
            YieldIfBehind();
        else if (Role == PeerRole.Following)
            LeaveIfEmpty(now);
        if (Role == PeerRole.Seeking)
            FollowOrLead(now);
        return Take();
    }

    private void YieldIfBehind()
    {
        if (_yieldsTo is null && FindLeader() is { } other && Compare(_self, Status, other, _views[other].Status!) < 0)
        {
            _yieldsTo = other;
            _effects.Add(new LeadershipEffect.Yield(other, _views[other].Name));
        }
    }

    // A leader without workers yields to the one that has them, unless it does not hear that one.
    private void LeaveIfEmpty(TimeSpan now)
    {
        if (_views[_followed!.Value].Status is { Role: PeerRole.Leading, Workers: 0 } && FindLeader() is { } other
            && _views[other] is { Status: { Workers: > 0 } status } view && status.Step >= _own.Step)
            Seek($"it has no workers, and the coordinator at {view.Name} is further", now);
    }

    private void FollowOrLead(TimeSpan now)
    {
        if (FindLeader() is { } leader && _views[leader].Status!.Step >= _own.Step)
        {
            if (now >= _notBefore)
                Follow(leader);
            return;
        }

        if (WaitsFor(now) is { } reason)
        {
            _freeSince = null;
            Say(reason);
            return;
        }

        _freeSince ??= now;
        // A peer that followed this leader, by its last status, will notice the loss and seek too. A leader hands over to its followers:
        // workers may not reach the others.
        IEnumerable<int> candidates = _handoverPeers ?? Enumerable.Range(0, _views.Length);
        int before = candidates.Count(
            peer => peer != _self && _views[peer].Status is { Role: PeerRole.Seeking or PeerRole.Following } status
                && status.Spec == Spec && IsBefore(peer, status));
        if (now - _freeSince < before * _times.PerRank)
            return;
        Role = PeerRole.Leading;
        _own = _own with { Term = ++_newestTerm };
        (_waitsFor, _handoverPeers) = (null, null);
        _effects.Add(new LeadershipEffect.Lead(_own.Run, _own.Term));
    }

    /// <summary>What this coordinator waits for before it leads; null for nothing.</summary>
    private string? WaitsFor(TimeSpan now)
    {
        for (int peer = 0; peer < _views.Length; peer++)
        {
            PeerView view = _views[peer];
            if (peer == _self)
                continue;
            if (view.Status is { Role: PeerRole.Following } status && status.Spec == Spec && MayLead(status.Leader))
                return $"coordinator {status.Leader} leads, as {view.Name} says, and is not heard here";
            if (view.Status is null && !view.IsGone && now - view.LastHeard < _times.Silence)
                return "looking for a leader at "
                    + $"{string.Join(", ", _views.Where((_, other) => other != _self).Select(other => other.Name))}";
        }

        return null;
    }

    // A peer's own status is newer than what another peer says about it.
    private bool MayLead(string name) =>
        name != _views[_self].Name && !Array.Exists(_views, view => view.Name == name && view.Status is not null);

    /// <summary>Whether a seeking peer leads before this one: it is further, or as far and earlier in the list.</summary>
    private bool IsBefore(int peer, PeerStatus status) => (status.Step, -peer).CompareTo((_own.Step, -_self)) > 0;

    /// <summary>The leading peer, the furthest if there are several; null for none.</summary>
    private int? FindLeader()
    {
        int? best = null;
        for (int peer = 0; peer < _views.Length; peer++)
        {
            if (peer != _self && _views[peer].Status is { Role: PeerRole.Leading } status && status.Spec == Spec
                && (best is null || Compare(peer, status, best.Value, _views[best.Value].Status!) > 0))
                best = peer;
        }

        // Follows a leader of another run only to learn what differs.
        return best ?? (Role == PeerRole.Seeking ? FindStranger() : null);
    }

    private int[] FollowersOf(string leader) =>
    [
        .. Enumerable.Range(0, _views.Length).Where(
            peer => _views[peer].Status is { Role: PeerRole.Following } status && status.Leader == leader),
    ];

    private int? FindStranger()
    {
        int stranger = Array.FindIndex(_views, view => view.Status is { Role: PeerRole.Leading } status && status.Spec != Spec);
        return stranger >= 0 && stranger != _self ? stranger : null;
    }

    // Orders two leaders of one run: steps, workers, term, then place in the list.
    private static int Compare(int a, PeerStatus one, int b, PeerStatus other) =>
        (one.Step, one.Workers, one.Term, -a).CompareTo((other.Step, other.Workers, other.Term, -b));

    private void Follow(int leader)
    {
        Role = PeerRole.Following;
        _followed = leader;
        (_waitsFor, _handoverPeers) = (null, null);
        _effects.Add(new LeadershipEffect.Follow(leader));
    }

    private void Seek(string reason, TimeSpan now)
    {
        int leader = _followed!.Value;
        Role = PeerRole.Seeking;
        _followed = null;
        _freeSince = null;
        _notBefore = now;
        _handoverPeers = null;
        _effects.Add(new LeadershipEffect.Unfollow(leader, _views[leader].Name, reason));
    }

    private void Say(string reason)
    {
        if (_waitsFor == reason)
            return;
        _waitsFor = reason;
        _effects.Add(new LeadershipEffect.Wait(reason));
    }

    private LeadershipEffect[] Take()
    {
        LeadershipEffect[] taken = [.. _effects];
        _effects.Clear();
        return taken;
    }

    /// <summary>What is known of a peer.</summary>
    private sealed class PeerView(string name, TimeSpan now)
    {
        public string Name => name;

        /// <summary>Its last status; null while it is not heard.</summary>
        public PeerStatus? Status { get; set; }

        /// <summary>When it was last heard; initially, when the search began.</summary>
        public TimeSpan LastHeard { get; set; } = now;

        /// <summary>Whether its process is known to be gone.</summary>
        public bool IsGone { get; set; }
    }
}
