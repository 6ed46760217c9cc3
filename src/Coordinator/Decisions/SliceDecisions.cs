using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// Decides which workers exchange slices. A new group is used once each of its workers has heard from all with which it exchanges any.
/// Whoever cannot reach another is left out for a while, twice as long each time: it exchanges whole gradients with the coordinator.
/// </summary>
/// <param name="tree">The reduction tree.</param>
/// <param name="length">Number of trained parameters.</param>
/// <param name="rows">Number of rows of every group; null for the one that suits its workers.</param>
internal sealed class SliceDecisions(ReductionTree tree, int length, int? rows = null)
{
    private const int LeastWorkers = 2, BreaksAllowed = 2, MostDoublings = 6;
    private static readonly TimeSpan LeftOutFor = TimeSpan.FromSeconds(30);

    private readonly HashSet<WorkerId> _reachable = [];
    private readonly HashSet<WorkerId> _linked = [];
    private readonly Dictionary<WorkerId, TimeSpan> _leftOutUntil = [];
    private readonly Dictionary<WorkerId, int> _timesLeftOut = [];
    private readonly Dictionary<(WorkerId, WorkerId), int> _breaks = [];
    private Roster? _roster;
    private bool _isSuspect;
    private int _last;

    /// <summary>The newest group; null for none.</summary>
    public SliceGroup? Group { get; private set; }

    /// <summary>Whether the newest group can be used.</summary>
    public bool IsLinked => Group is { } group && _linked.Count == group.Members.Count;

    /// <summary>Other workers can reach this one.</summary>
    public void Reachable(WorkerId worker)
    {
        if (_reachable.Add(worker))
            _roster = null;
    }

    /// <summary>Follows the roster of the next step. Returns a new group to be offered to its workers; null if nothing has changed.</summary>
    public SliceGroup? Follow(Roster roster, TimeSpan now)
    {
        if (_leftOutUntil.Count > 0)
        {
            foreach (WorkerId back in _leftOutUntil.Where(left => left.Value <= now).Select(left => left.Key).ToList())
            {
                _leftOutUntil.Remove(back);
                _roster = null;
            }
        }

        if (ReferenceEquals(roster, _roster) && !_isSuspect)
            return null;
        _roster = roster;
        RosterEntry[] members =
        [
            .. roster.Entries.Where(
                entry => entry.Nodes.Count > 0 && _reachable.Contains(entry.Worker) && !_leftOutUntil.ContainsKey(entry.Worker)),
        ];
        if (!_isSuspect && Group?.IsOf(members) == true)
            return null;
        _isSuspect = false;
        _linked.Clear();
        return Group = members.Length < LeastWorkers ? null : new SliceGroup(++_last, tree, length, members, rows);
    }

    /// <summary>A worker has heard from all others with which it exchanges slices in a plan.</summary>
    public void Linked(WorkerId worker, int plan)
    {
        if (Group is { } group && group.Number == plan && group.SlicesOf(worker) is not null)
            _linked.Add(worker);
    }

    /// <summary>
    /// A worker cannot reach another one: the newest group is not used any more. True if one of them is left out for a while.
    /// </summary>
    public bool Unlinked(WorkerId worker, int plan, WorkerId other, TimeSpan now)
    {
        if (Group is not { } group || group.Number != plan || group.SlicesOf(worker) is null || group.SlicesOf(other) is null)
            return false;
        (WorkerId, WorkerId) pair = worker.Value < other.Value ? (worker, other) : (other, worker);
        // A connection that breaks is opened again; one that cannot be opened, or breaks repeatedly, is done without.
        bool isLeftOut = !IsLinked || (_breaks[pair] = _breaks.GetValueOrDefault(pair) + 1) > BreaksAllowed;
        if (isLeftOut && !_leftOutUntil.ContainsKey(pair.Item2))
        {
            int times = _timesLeftOut[pair.Item2] = _timesLeftOut.GetValueOrDefault(pair.Item2) + 1;
            _leftOutUntil[pair.Item2] = now + LeftOutFor * Math.Pow(2, Math.Min(times - 1, MostDoublings));
        }

        Suspect();
        return isLeftOut;
    }

    /// <summary>The newest group may not work: its workers are to hear from each other again before it is used.</summary>
    public void Suspect()
    {
        _isSuspect = true;
        _linked.Clear();
    }

    /// <summary>Forgets workers that are gone.</summary>
    public void Keep(Func<WorkerId, bool> isThere)
    {
        _reachable.RemoveWhere(worker => !isThere(worker));
        foreach (WorkerId gone in _leftOutUntil.Keys.Where(worker => !isThere(worker)).ToList())
            _leftOutUntil.Remove(gone);
        foreach (WorkerId gone in _timesLeftOut.Keys.Where(worker => !isThere(worker)).ToList())
            _timesLeftOut.Remove(gone);
        foreach ((WorkerId, WorkerId) gone in _breaks.Keys.Where(pair => !isThere(pair.Item1) || !isThere(pair.Item2)).ToList())
            _breaks.Remove(gone);
    }
}
