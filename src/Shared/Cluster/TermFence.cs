namespace Lockstep.Shared.Cluster;

/// <summary>
/// The terms that one node has accepted of the coordinators of a run: it follows none that is older. It promises a term to a standby that would
/// lead, and from then on whoever leads with an older one has lost this node. A promise that nobody makes use of lapses after a while: the standby was
/// not elected, or did not live to lead. Safe to use from any thread; times are given by the caller, from a clock that nobody sets.
/// </summary>
public sealed class TermFence
{
    /// <summary>How long a promise holds until somebody leads with its term: much longer than it takes to lead.</summary>
    public static readonly TimeSpan PromiseHolds = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private ulong _run;
    private int _accepted, _promised;
    private TimeSpan _promisedAt;

    /// <summary>The newest term that it has accepted or promised.</summary>
    public int Newest
    {
        get
        {
            lock (_lock)
                return Math.Max(_accepted, _promised);
        }
    }

    /// <summary>Whether a coordinator of this run and term may be followed; if so, no older one may from now on. Of another run, terms begin anew.</summary>
    public bool TryAccept(ulong run, int term, TimeSpan now)
    {
        lock (_lock)
        {
            if (run == _run && (term < _accepted || (term < _promised && now - _promisedAt < PromiseHolds)))
                return false;
            if (run != _run || term >= _promised)
                _promised = 0;
            (_run, _accepted) = (run, term);
            return true;
        }
    }

    /// <summary>Whether <see cref="TryPromise"/> would succeed.</summary>
    public bool CanPromise(ulong run, int term, bool hearsSenior)
    {
        lock (_lock)
            return !hearsSenior && (run != _run || term > Math.Max(_accepted, _promised));
    }

    /// <summary>Promises to follow nobody of an older term than this one. Each term is promised once.</summary>
    /// <param name="run">The run.</param>
    /// <param name="term">The term of which a standby would lead.</param>
    /// <param name="hearsSenior">Whether this node hears a coordinator that leads, or comes before the standby.</param>
    /// <param name="now">The time.</param>
    public bool TryPromise(ulong run, int term, bool hearsSenior, TimeSpan now)
    {
        lock (_lock)
        {
            if (hearsSenior || (run == _run && term <= Math.Max(_accepted, _promised)))
                return false;
            if (run != _run)
                _accepted = 0;
            (_run, _promised, _promisedAt) = (run, term, now);
            return true;
        }
    }
}
