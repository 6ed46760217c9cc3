using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>What a gradient frame is to the step under way.</summary>
internal enum Arrival
{
    /// <summary>It fills a node of this step.</summary>
    Fresh,

    /// <summary>The node is there already: a second copy, equal to the first.</summary>
    Duplicate,

    /// <summary>It belongs to another step.</summary>
    Stale,

    /// <summary>No such node: the sender is at fault.</summary>
    Unknown,
}

/// <summary>Nodes that a worker is asked for, in addition to what it owns, in the step under way.</summary>
internal sealed record Reissue(WorkerId Worker, IReadOnlyList<TreeNode> Nodes);

/// <summary>
/// The decisions of the parameter server: which step it is, what is missing of it, and whom to ask when a worker is lost.
/// Without actors, sockets or clocks, so that tests and a simulator drive the very same code.
/// </summary>
internal sealed class StepDecisions<T>
    where T : class
{
    private readonly ReductionTree _tree;
    private readonly TreeReduction<T> _reduction;
    private readonly Action<T> _discard;
    private readonly Dictionary<WorkerId, List<TreeNode>> _reissued = [];
    private readonly Punctuality _punctuality = new();
    private Roster _asked = Roster.Empty;

    public StepDecisions(ReductionTree tree, long firstStep, Func<T, T, T> add, Action<T> discard)
    {
        (_tree, _discard) = (tree, discard);
        _reduction = new TreeReduction<T>(tree, add, discard);
        Step = firstStep;
    }

    /// <summary>The step whose gradient is being added up.</summary>
    public long Step { get; private set; }

    /// <summary>The roster in force from the next step on; the one of this step is what its workers were asked for.</summary>
    public Roster Roster { get; private set; } = Roster.Empty;

    /// <summary>All shards of this step have arrived.</summary>
    public bool IsComplete => _reduction.Covers(_tree.Root);

    /// <summary>Begins the step: the workers of the roster are asked for their own nodes.</summary>
    /// <param name="now">Time since the run began, as in all methods.</param>
    /// <returns>Who is asked for what: the roster, but for workers that are late again and again.</returns>
    public Roster Begin(TimeSpan now)
    {
        _asked = (_punctuality.Idle.Count == 0 ? null : Roster.Without(_punctuality.Idle, _tree)) ?? Roster;
        _reissued.Clear();
        _punctuality.Begin(now);
        return _asked;
    }

    /// <summary>Takes over an arrived node, or discards it.</summary>
    public Arrival Accept(WorkerId worker, long step, TreeNode node, T value)
    {
        _punctuality.Heard(worker);
        if (step != Step || !_tree.Contains(node))
        {
            _discard(value);
            return step != Step ? Arrival.Stale : Arrival.Unknown;
        }

        return _reduction.Accept(node, value, _tree.Root) ? Arrival.Fresh : Arrival.Duplicate;
    }

    /// <summary>Hands over the sum of the whole batch and moves on to the next step.</summary>
    public T Complete(TimeSpan now)
    {
        _punctuality.Complete(now);
        T sum = _reduction.Take(_tree.Root) ?? throw new InvalidOperationException($"Step {Step} is not complete.");
        Step++;
        return sum;
    }

    /// <summary>
    /// A new roster. It applies from the next step on; in this step, what lost workers owed is asked of the ones that are left.
    /// </summary>
    /// <returns>Who is asked for what more, at once.</returns>
    public IReadOnlyList<Reissue> ChangeRoster(Roster roster)
    {
        Roster = roster;
        _punctuality.Keep(worker => roster.Find(worker) is not null);
        foreach (WorkerId lost in _reissued.Keys.Where(worker => roster.Find(worker) is null).ToList())
            _reissued.Remove(lost);
        if (IsComplete || roster.Entries.Count == 0)
            return [];

        List<int> orphans = [.. Enumerable.Range(0, _tree.Shards).Where(shard => !IsArrivedOrAsked(shard))];
        return Deal(orphans, [.. roster.Entries.Select(entry => entry.Worker)]);
    }

    /// <summary>
    /// When the step is late: what is missing is asked of workers that owe nothing, too. Equal bits, so the first answer counts.
    /// </summary>
    /// <returns>Who is asked for what more, at once; nothing while there is time.</returns>
    public IReadOnlyList<Reissue> Overdue(TimeSpan now)
    {
        if (IsComplete || Roster.Entries.Count < 2 || !_punctuality.IsLate(now))
            return [];
        List<int> missing = [.. Enumerable.Range(0, _tree.Shards).Where(shard => !_reduction.Covers(new TreeNode(0, shard)))];
        HashSet<WorkerId> late = [.. Roster.Entries.Select(entry => entry.Worker).Where(worker => missing.Exists(shard => IsAsked(worker, shard)))];
        WorkerId[] free = [.. Roster.Entries.Select(entry => entry.Worker).Where(worker => !late.Contains(worker) && !_punctuality.Idle.Contains(worker))];
        if (free.Length == 0)
            return [];
        foreach (WorkerId worker in late)
            _punctuality.Strike(worker);
        return Deal(missing, free);
    }

    private List<Reissue> Deal(List<int> shards, WorkerId[] workers)
    {
        var reissues = new List<Reissue>();
        for (int i = 0; i < workers.Length; i++)
        {
            List<int> share = shards[(int)((long)shards.Count * i / workers.Length)..(int)((long)shards.Count * (i + 1) / workers.Length)];
            if (share.Count == 0)
                continue;
            WorkerId worker = workers[i];
            List<TreeNode> nodes = [.. Runs(share).SelectMany(run => _tree.Cover(run.First, run.End))];
            if (!_reissued.TryGetValue(worker, out List<TreeNode>? all))
                _reissued[worker] = all = [];
            all.AddRange(nodes);
            reissues.Add(new Reissue(worker, nodes));
        }

        return reissues;
    }

    private bool IsArrivedOrAsked(int shard) =>
        _reduction.Covers(new TreeNode(0, shard)) || Roster.Entries.Any(entry => IsAsked(entry.Worker, shard));

    private bool IsAsked(WorkerId worker, int shard) =>
        (_asked.Find(worker) is { } entry && shard >= entry.FirstShard && shard < entry.EndShard)
        || (_reissued.TryGetValue(worker, out List<TreeNode>? nodes) && nodes.Exists(node => shard >= node.FirstShard && shard < _tree.EndShard(node)));

    private static IEnumerable<(int First, int End)> Runs(List<int> shards)
    {
        for (int i = 0; i < shards.Count;)
        {
            int j = i + 1;
            while (j < shards.Count && shards[j] == shards[j - 1] + 1)
                j++;
            yield return (shards[i], shards[j - 1] + 1);
            i = j;
        }
    }
}
