namespace Lockstep.Shared.Cluster;

/// <summary>
/// The terms that one node has accepted of the coordinators of a run: it follows none that is older. It promises a term to a standby that would
/// lead, and from then on whoever leads with an older one has lost this node. For a moment it makes no other promise: whoever has it is about to lead.
/// A term that nobody leads with any more lapses after a while: the standby was not elected, or the leader took what it had to the grave. Safe to use
/// from any thread; times are given by the caller, from a clock that nobody sets.
/// </summary>
public sealed class TermFence
{
    /// <summary>How long a term holds when nobody leads with it: much longer than it takes to lead.</summary>
    public static readonly TimeSpan Holds = TimeSpan.FromSeconds(30);

    /// <summary>How long nobody else is promised anything: somewhat longer than it takes to lead.</summary>
    public static readonly TimeSpan PromiseExcludes = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private ulong _run;
    private int _newest;
    private bool _isPromise;
    private TimeSpan _since;

    /// <summary>The newest term that it has accepted or promised.</summary>
    public int Newest
    {
        get
        {
            lock (_lock)
                return _newest;
        }
    }

    /// <summary>Whether a coordinator of this run and term may be followed; if so, no older one may from now on. Of another run, terms begin anew.</summary>
    public bool TryAccept(ulong run, int term, TimeSpan now)
    {
        lock (_lock)
        {
            if (run == _run && term < _newest && now - _since < Holds)
                return false;
            (_run, _newest, _isPromise, _since) = (run, term, false, now);
            return true;
        }
    }

    /// <summary>The coordinator that was followed is lost: its term holds for a while from now on.</summary>
    public void Lose(TimeSpan now)
    {
        lock (_lock)
            _since = now;
    }

    /// <summary>Whether <see cref="TryPromise"/> would succeed.</summary>
    public bool CanPromise(ulong run, int term, bool hearsLeader, TimeSpan now)
    {
        lock (_lock)
            return !hearsLeader && (run != _run || (term > _newest && !(_isPromise && now - _since < PromiseExcludes)));
    }

    /// <summary>Promises to follow nobody of an older term than this one. Each term is promised once.</summary>
    /// <param name="run">The run.</param>
    /// <param name="term">The term of which a standby would lead.</param>
    /// <param name="hearsLeader">Whether this node hears the coordinator that it follows.</param>
    /// <param name="now">The time.</param>
    public bool TryPromise(ulong run, int term, bool hearsLeader, TimeSpan now)
    {
        lock (_lock)
        {
            if (!CanPromise(run, term, hearsLeader, now))
                return false;
            (_run, _newest, _isPromise, _since) = (run, term, true, now);
            return true;
        }
    }

    /// <summary>Answers a standby: whether it is promised the term or, where it asks on trial, would be.</summary>
    /// <param name="run">The run.</param>
    /// <param name="term">The term that it would lead with.</param>
    /// <param name="isTrial">Whether nothing is promised yet.</param>
    /// <param name="hearsLeader">Whether this node hears the coordinator that it follows.</param>
    /// <param name="now">The time.</param>
    public bool Answer(ulong run, int term, bool isTrial, bool hearsLeader, TimeSpan now) =>
        isTrial ? CanPromise(run, term, hearsLeader, now) : TryPromise(run, term, hearsLeader, now);
}
