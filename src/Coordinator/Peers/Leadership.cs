using Lockstep.Shared;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>How long a coordinator waits for others before it leads.</summary>
/// <param name="Silence">A peer that was not heard for so long counts as gone.</param>
/// <param name="PerRank">What each peer that is to lead first is given to do so.</param>
/// <param name="Again">After a failed attempt to follow, the next one.</param>
internal sealed record LeadershipTimes(TimeSpan Silence, TimeSpan PerRank, TimeSpan Again);

/// <summary>What a coordinator knows of a run: the newest checkpoint that it could go on from.</summary>
/// <param name="Run">The run; 0 where it has none yet.</param>
/// <param name="Term">Newest term of the run that it knows.</param>
/// <param name="Step">Completed steps; 0 where there is no checkpoint.</param>
internal readonly record struct Replica(ulong Run, int Term, long Step);

/// <summary>
/// Who leads a run: the decisions of one of its coordinators. Two leaders of one run compute the same bytes, so nothing here must be safe, only quick
/// and self-healing. A coordinator that hears a leader follows it; when it hears none, the furthest of those that hear each other leads, and at the same
/// step the one that comes first in the list of peers. Of leaders that meet, the one behind yields.
/// Without actors, sockets or clocks: the caller gives the time, from a clock that nobody sets, and carries out the effects that each call returns.
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

    // Where the followed leader has handed over: the peers that followed it too.
    private int[]? _heirs;

    /// <summary>Begins to look for a leader.</summary>
    /// <param name="self">This coordinator's place in the list of peers.</param>
    /// <param name="peers">All coordinators of the run, as HOST:PORT.</param>
    /// <param name="spec">Hash of the run spec.</param>
    /// <param name="times">How long to wait.</param>
    /// <param name="own">What it could go on from.</param>
    /// <param name="now">The time.</param>
    public Leadership(int self, IReadOnlyList<string> peers, UInt128 spec, LeadershipTimes times, Replica own, TimeSpan now)
    {
        _self = self;
        _times = times;
        _own = own;
        _newestTerm = own.Term;
        Spec = spec;
        _views = [.. peers.Select(name => new PeerView(name, now))];
    }

    /// <summary>What this coordinator does.</summary>
    public PeerRole Role { get; private set; }

    /// <summary>Hash of the run spec.</summary>
    public UInt128 Spec { get; }

    /// <summary>How it stands, for the others.</summary>
    public PeerStatus Status => new(ProductVersion.Current, Role, Spec, _own.Run, _own.Term, _own.Step, _workers, _followed is { } leader ? _views[leader].Name : "");

    /// <summary>HOST:PORT of the leader that workers are sent to: a peer that this coordinator follows, or yields to; null for none.</summary>
    public string? Leader => (_followed ?? _yieldsTo) is { } leader ? _views[leader].Name : null;

    /// <summary>A peer says how it stands.</summary>
    public IReadOnlyList<LeadershipEffect> Heard(int peer, PeerStatus status, TimeSpan now)
    {
        PeerView view = _views[peer];
        (view.Status, view.LastHeard, view.IsGone) = (status, now, false);
        if (status.Spec == Spec && status.Run == _own.Run)
            _newestTerm = Math.Max(_newestTerm, status.Term);
        // One that is about to end still has its last checkpoint to send, and says what is to become of the run.
        if (_followed == peer && status.Role is PeerRole.Seeking or PeerRole.Following)
            Seek("it does not lead any more", now);
        return Decide(now);
    }

    /// <summary>A peer is not heard any more: its process is gone (its machine refuses connections), or it is silent.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="isGone">Whether its process is known to be gone.</param>
    /// <param name="reason">What was seen.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<LeadershipEffect> Lost(int peer, bool isGone, string reason, TimeSpan now)
    {
        PeerView view = _views[peer];
        (view.Status, view.IsGone) = (null, isGone);
        if (_followed == peer)
            Seek(reason, now);
        return Decide(now);
    }

    /// <summary>A checkpoint of the followed leader, or all that it has saved so far, is on this disk.</summary>
    public IReadOnlyList<LeadershipEffect> Replicated(int peer, ulong run, int term, long step, TimeSpan now)
    {
        if (_followed != peer)
            return [];
        _newestTerm = run == _own.Run ? Math.Max(term, _newestTerm) : term;
        _own = new Replica(run, term, Math.Max(step, _own.Step));
        return Decide(now);
    }

    /// <summary>The followed leader has said why it ends, or (null) what it sent could not be kept.</summary>
    public IReadOnlyList<LeadershipEffect> Parted(int peer, Farewell? why, string reason, TimeSpan now)
    {
        if (_followed != peer)
            return [];
        if (why is Farewell.RunComplete or Farewell.RunFailed)
        {
            _effects.Add(new LeadershipEffect.Conclude(why == Farewell.RunComplete, reason));
            return Take();
        }

        int[]? heirs = why == Farewell.HandsOver ? FollowersOf(_views[peer].Name) : null;
        if (why == Farewell.HandsOver && _views[peer].Status is { } status)
            _views[peer].Status = status with { Role = PeerRole.Leaving };
        Seek(reason, now);
        _heirs = heirs;
        if (why is null)
            _notBefore = now + _times.Again;
        return Decide(now);
    }

    /// <summary>The own training has got this far.</summary>
    public void Progressed(ulong run, int term, long step, int workers)
    {
        _own = new Replica(run, term, step);
        _workers = workers;
    }

    /// <summary>The own training ends here; another coordinator is to go on with it.</summary>
    public void Leave() => Role = PeerRole.Leaving;

    /// <summary>The own training has ended because this coordinator yields: it looks for the leader again.</summary>
    public IReadOnlyList<LeadershipEffect> Yielded(Replica own, TimeSpan now)
    {
        (Role, _workers, _yieldsTo, _freeSince, _own) = (PeerRole.Seeking, 0, null, null, own);
        return Decide(now);
    }

    /// <summary>Time has passed.</summary>
    public IReadOnlyList<LeadershipEffect> Tick(TimeSpan now) => Decide(now);

    private LeadershipEffect[] Decide(TimeSpan now)
    {
        if (Role == PeerRole.Leading)
            YieldIfBehind();
        else if (Role == PeerRole.Seeking)
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
        // One that still follows, as it said last, will seek when it has noticed that its leader is gone. A leader hands over to those that followed it: of the
        // others it may be that no worker reaches them.
        IEnumerable<int> candidates = _heirs ?? Enumerable.Range(0, _views.Length);
        int before = candidates.Count(peer => peer != _self && _views[peer].Status is { Role: PeerRole.Seeking or PeerRole.Following } status
            && status.Spec == Spec && IsBefore(peer, status));
        if (now - _freeSince < before * _times.PerRank)
            return;
        Role = PeerRole.Leading;
        _own = _own with { Term = ++_newestTerm };
        (_waitsFor, _heirs) = (null, null);
        _effects.Add(new LeadershipEffect.Lead(_own.Run, _own.Term));
    }

    /// <summary>Whom or what this coordinator waits for before it would lead; null for nothing.</summary>
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
                return $"looking for a leader at {string.Join(", ", _views.Where((_, other) => other != _self).Select(other => other.Name))}";
        }

        return null;
    }

    // What a peer says of another one is older than what that one says itself.
    private bool MayLead(string name) => name != _views[_self].Name && !Array.Exists(_views, view => view.Name == name && view.Status is not null);

    /// <summary>Whether a peer that seeks is to lead before this one: it is further, or as far and comes first in the list.</summary>
    private bool IsBefore(int peer, PeerStatus status) => (status.Step, -peer).CompareTo((_own.Step, -_self)) > 0;

    /// <summary>The peer that leads, the furthest where several do; null for none.</summary>
    private int? FindLeader()
    {
        int? best = null;
        for (int peer = 0; peer < _views.Length; peer++)
        {
            if (peer != _self && _views[peer].Status is { Role: PeerRole.Leading } status && status.Spec == Spec
                && (best is null || Compare(peer, status, best.Value, _views[best.Value].Status!) > 0))
                best = peer;
        }

        // One that trains something else is followed only to learn what differs.
        return best ?? (Role == PeerRole.Seeking ? FindStranger() : null);
    }

    private int[] FollowersOf(string leader) =>
        [.. Enumerable.Range(0, _views.Length).Where(peer => _views[peer].Status is { Role: PeerRole.Following } status && status.Leader == leader)];

    private int? FindStranger()
    {
        int stranger = Array.FindIndex(_views, view => view.Status is { Role: PeerRole.Leading } status && status.Spec != Spec);
        return stranger >= 0 && stranger != _self ? stranger : null;
    }

    // Which of two leaders of one run is further: more steps, then more workers, then the newer term, then its place in the list.
    private static int Compare(int a, PeerStatus one, int b, PeerStatus other) =>
        (one.Step, one.Workers, one.Term, -a).CompareTo((other.Step, other.Workers, other.Term, -b));

    private void Follow(int leader)
    {
        Role = PeerRole.Following;
        _followed = leader;
        (_waitsFor, _heirs) = (null, null);
        _effects.Add(new LeadershipEffect.Follow(leader));
    }

    private void Seek(string reason, TimeSpan now)
    {
        int leader = _followed!.Value;
        Role = PeerRole.Seeking;
        _followed = null;
        _freeSince = null;
        _notBefore = now;
        _heirs = null;
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

        /// <summary>How it stands; null while it is not heard.</summary>
        public PeerStatus? Status { get; set; }

        /// <summary>When it was heard last; at first, since when it is looked for.</summary>
        public TimeSpan LastHeard { get; set; } = now;

        /// <summary>Whether its process is known to be gone.</summary>
        public bool IsGone { get; set; }
    }
}
