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

    /// <summary>It is not what the node's gradient must be: the sender is at fault.</summary>
    Wrong,
}

/// <summary>Nodes that a worker is asked for, in addition to what it owns, in the step under way.</summary>
internal sealed record Reissue(WorkerId Worker, IReadOnlyList<TreeNode> Nodes);

/// <summary>
/// The decisions of the parameter server: which step it is, who computes what of it, what is missing, and whom to ask when a worker is
/// lost, late or leaves. Without actors, sockets or clocks, so that tests and a simulator drive the very same code.
/// </summary>
internal sealed class StepDecisions<T>
    where T : class
{
    // A faster roster must be worth its change.
    private const double WorthMoving = 0.85;

    private readonly ReductionTree _tree;
    private readonly TreeReduction<T> _reduction;
    private readonly Action<T> _discard;
    private readonly Func<long, TreeNode, T, bool>? _isRight;
    private readonly Pace _pace;
    private readonly Punctuality _punctuality = new();
    private readonly Dictionary<WorkerId, List<TreeNode>> _reissued = [];
    private readonly HashSet<WorkerId> _released = [];
    private IReadOnlyList<StepWorker> _workers = [];
    private Roster _asked = Roster.Empty;
    private TimeSpan _begun;
    private int _arrived;
    private bool _isUnderWay;
    private bool _idleChanged;
    private bool _someoneLeaves;

    /// <summary>The decisions of a run from a step on.</summary>
    /// <param name="tree">The tree that gradients are added along.</param>
    /// <param name="firstStep">The first step.</param>
    /// <param name="add">Left + right.</param>
    /// <param name="discard">Takes back what does not count.</param>
    /// <param name="pace">How fast workers are; null for what a run uses.</param>
    /// <param name="isRight">Whether a value may be that of a node in a step; null for any.</param>
    public StepDecisions(
        ReductionTree tree, long firstStep, Func<T, T, T> add, Action<T> discard, Pace? pace = null, Func<long, TreeNode, T, bool>? isRight = null)
    {
        _tree = tree;
        _discard = discard;
        _pace = pace ?? new Pace();
        _isRight = isRight;
        _reduction = new TreeReduction<T>(tree, add, discard);
        Step = firstStep;
    }

    /// <summary>The step whose gradient is being added up.</summary>
    public long Step { get; private set; }

    /// <summary>Who owns what from the next step on; the one of this step is what its workers were asked for.</summary>
    public Roster Roster { get; private set; } = Roster.Empty;

    /// <summary>How often a worker was late, so that what it owed was asked of others too.</summary>
    public int Strikes { get; private set; }

    /// <summary>All shards of this step have arrived.</summary>
    public bool IsComplete => _reduction.Covers(_tree.Root);

    /// <summary>Begins the step: the workers of the roster are asked for their own nodes, and who owns none for nothing.</summary>
    /// <param name="now">Time since the run began, as in all methods.</param>
    /// <returns>The roster of this step.</returns>
    public Roster Begin(TimeSpan now)
    {
        if (_idleChanged)
            Roster = Plan();
        else if (_pace.IsDue(now) && _pace.Adopt())
            FollowPace();
        _idleChanged = false;
        if (!ReferenceEquals(_asked, Roster))
            TellPace();
        _asked = Roster;
        _begun = now;
        _isUnderWay = true;
        _arrived = 0;
        _reissued.Clear();
        _punctuality.Begin(now);
        return _asked;
    }

    /// <summary>Takes over an arrived node, or discards it.</summary>
    public Arrival Accept(WorkerId worker, long step, TreeNode node, T value, TimeSpan computeTime, TimeSpan now)
    {
        _idleChanged |= _punctuality.Heard(worker);
        if (!_tree.Contains(node))
        {
            _discard(value);
            return step != Step ? Arrival.Stale : Arrival.Unknown;
        }

        if (_isRight?.Invoke(step, node, value) == false)
        {
            _discard(value);
            return Arrival.Wrong;
        }

        _pace.Arrived(worker, step, _tree.Width(node), computeTime, _begun);
        if (step != Step || !_isUnderWay)
        {
            _discard(value);
            return Arrival.Stale;
        }

        if (!_reduction.Accept(node, value, _tree.Root))
            return Arrival.Duplicate;
        _arrived += _tree.Width(node);
        if (2 * _arrived >= _tree.Shards)
            _punctuality.HasHalf(now);
        return Arrival.Fresh;
    }

    /// <summary>Hands over the sum of the whole batch and moves on to the next step. Nobody owes anything until that begins.</summary>
    public T Complete()
    {
        _punctuality.Complete();
        T sum = _reduction.Take(_tree.Root) ?? throw new InvalidOperationException($"Step {Step} is not complete.");
        _isUnderWay = false;
        Step++;
        return sum;
    }

    /// <summary>
    /// Workers came, were lost or want to leave. The roster that follows applies from the next step on; in this step, what lost workers
    /// owed is asked of those who own it now.
    /// </summary>
    /// <returns>Who is asked for what more, at once.</returns>
    public IReadOnlyList<Reissue> ChangeWorkers(IReadOnlyList<StepWorker> workers)
    {
        _workers = workers;
        _someoneLeaves = workers.Any(worker => worker.IsLeaving);
        _punctuality.Keep(IsThere);
        _pace.Keep(IsThere);
        _released.RemoveWhere(worker => !IsThere(worker));
        foreach (WorkerId lost in _reissued.Keys.Where(worker => !IsThere(worker)).ToList())
            _reissued.Remove(lost);
        Roster = Plan();
        if (!_isUnderWay || IsComplete)
            return [];

        bool[] isOrphan = [.. Enumerable.Range(0, _tree.Shards).Select(shard => !_reduction.Covers(new TreeNode(0, shard)) && !IsAskedOfAnyone(shard))];
        var reissues = new List<Reissue>();
        foreach (RosterEntry entry in Roster.Entries)
            AddReissue(reissues, entry.Worker, [.. entry.Nodes.SelectMany(ShardsOf).Where(shard => isOrphan[shard])]);
        return reissues;

        bool IsThere(WorkerId worker) => workers.Any(other => other.Worker == worker);
    }

    /// <summary>
    /// When the step is late: what is missing is asked of workers that owe nothing, too. Equal bits, so the first answer counts.
    /// </summary>
    /// <returns>Who is asked for what more, at once; nothing while there is time.</returns>
    public IReadOnlyList<Reissue> Overdue(TimeSpan now)
    {
        if (!_isUnderWay || IsComplete || _workers.Count < 2 || !_punctuality.IsLate(now))
            return [];
        List<int> missing = [.. Enumerable.Range(0, _tree.Shards).Where(shard => !_reduction.Covers(new TreeNode(0, shard)))];
        HashSet<WorkerId> late = [.. _workers.Select(worker => worker.Worker).Where(worker => missing.Exists(shard => IsAsked(worker, shard)))];
        WorkerId[] free = [.. _workers.Where(worker => !worker.IsLeaving && !late.Contains(worker.Worker) && !_punctuality.Idle.Contains(worker.Worker)).Select(worker => worker.Worker)];
        if (free.Length == 0)
            return [];
        foreach (WorkerId worker in late)
            _idleChanged |= _punctuality.Strike(worker);
        Strikes += late.Count;
        var reissues = new List<Reissue>();
        for (int i = 0; i < free.Length; i++)
            AddReissue(reissues, free[i], missing[(int)((long)missing.Count * i / free.Length)..(int)((long)missing.Count * (i + 1) / free.Length)]);
        return reissues;
    }

    /// <summary>
    /// Now and then each worker that stands by is asked for a shard that somebody else owes: so it stays warm, its pace is known, and one that
    /// was late again and again can show that it is back. Nobody waits for the answer.
    /// </summary>
    public IReadOnlyList<Reissue> Probe(TimeSpan now)
    {
        if (!_isUnderWay || IsComplete || !_pace.IsProbeDue(now))
            return [];
        var probes = new List<Reissue>();
        foreach (RosterEntry entry in _asked.Entries.Where(entry => entry.Nodes.Count == 0 && !_reissued.ContainsKey(entry.Worker)))
        {
            if (_workers.FirstOrDefault(worker => worker.Worker == entry.Worker) is not { Lanes: > 0, IsLeaving: false } worker)
                continue;
            _pace.Ask(new RosterWorker(worker.Worker, worker.Lanes), Step, 1);
            probes.Add(new Reissue(worker.Worker, [new TreeNode(0, (int)((Step + probes.Count) % _tree.Shards))]));
        }

        return probes;
    }

    /// <summary>Leaving workers that owe nothing any more, each once: they may go.</summary>
    public IReadOnlyList<WorkerId> Release()
    {
        if (!_someoneLeaves)
            return [];
        List<WorkerId> free = [.. _workers.Where(worker => worker.IsLeaving && !_released.Contains(worker.Worker) && !Owes(worker.Worker)).Select(worker => worker.Worker)];
        _released.UnionWith(free);
        return free;
    }

    private bool Owes(WorkerId worker) =>
        _isUnderWay && Enumerable.Range(0, _tree.Shards).Any(shard => IsAsked(worker, shard) && !_reduction.Covers(new TreeNode(0, shard)));

    private Roster Plan()
    {
        bool anyBusy = _workers.Any(worker => !worker.IsLeaving && !_punctuality.Idle.Contains(worker.Worker));
        return Roster.Plan(_tree, Roster, [.. _workers.Select(worker => new RosterWorker(worker.Worker, worker.Lanes,
            worker.IsLeaving || (anyBusy && _punctuality.Idle.Contains(worker.Worker)) ? double.PositiveInfinity : _pace.SlownessOf(worker.Worker)))]);
    }

    private void FollowPace()
    {
        Roster faster = Plan();
        if (TimeOf(faster) < TimeOf(Roster) * WorthMoving)
            Roster = faster;
    }

    private double TimeOf(Roster roster) => roster.Entries.Count == 0 ? 0 : roster.Entries.Max(entry =>
        new RosterWorker(entry.Worker, entry.Lanes, _pace.SlownessOf(entry.Worker)).TimeOf(entry.Shards));

    // One that stands by from now on may still answer what it was asked before.
    private void TellPace()
    {
        foreach (RosterEntry entry in Roster.Entries)
        {
            if (entry.Shards > 0 && entry.Shards != _asked.Find(entry.Worker)?.Shards)
                _pace.Ask(new RosterWorker(entry.Worker, entry.Lanes), Step, entry.Shards);
        }
    }

    private void AddReissue(List<Reissue> reissues, WorkerId worker, List<int> shards)
    {
        if (shards.Count == 0)
            return;
        List<TreeNode> nodes = [.. NodeSet.Of(_tree, shards).Nodes];
        if (!_reissued.TryGetValue(worker, out List<TreeNode>? all))
            _reissued[worker] = all = [];
        all.AddRange(nodes);
        _pace.Disturb(worker, Step);
        reissues.Add(new Reissue(worker, nodes));
    }

    private bool IsAskedOfAnyone(int shard) => _workers.Any(worker => IsAsked(worker.Worker, shard));

    private bool IsAsked(WorkerId worker, int shard) =>
        (_asked.Find(worker) is { } entry && Contains(entry.Nodes, shard)) || (_reissued.TryGetValue(worker, out List<TreeNode>? nodes) && Contains(nodes, shard));

    private bool Contains(IReadOnlyList<TreeNode> nodes, int shard)
    {
        foreach (TreeNode node in nodes)
        {
            if (shard >= node.FirstShard && shard < _tree.EndShard(node))
                return true;
        }

        return false;
    }

    private IEnumerable<int> ShardsOf(TreeNode node) => Enumerable.Range(node.FirstShard, _tree.Width(node));
}
