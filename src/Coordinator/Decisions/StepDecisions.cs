using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>How a gradient frame relates to the current step.</summary>
internal enum Arrival
{
    /// <summary>It fills a missing node of this step.</summary>
    Fresh,

    /// <summary>The node has arrived already. The copies are equal bits.</summary>
    Duplicate,

    /// <summary>It belongs to another step.</summary>
    Stale,

    /// <summary>The tree has no such node: a protocol error of the sender.</summary>
    Unknown,

    /// <summary>The value cannot be the gradient of the node: a protocol error of the sender.</summary>
    Wrong,
}

/// <summary>Nodes requested from a worker in the current step, in addition to those it owns.</summary>
internal sealed record Reissue(WorkerId Worker, IReadOnlyList<TreeNode> Nodes);

/// <summary>
/// Decides what the parameter server does: which step it is, who computes which nodes, what is missing, and which worker to ask when
/// another is lost, late or leaving. Has no actors, sockets or clocks, so tests and the simulator run this same class.
/// </summary>
internal sealed class StepDecisions<T>
    where T : class
{
    // A new roster must shorten the step to this share to be worth the change.
    private const double WorthMoving = 0.85;

    private readonly ReductionTree _tree;
    private readonly TreeReduction<T> _reduction;
    private readonly Action<T> _discard;
    private readonly Func<long, TreeNode, T, bool>? _isRight;
    private readonly Pace _pace;
    private readonly LatenessDetector _lateness = new();
    private readonly Dictionary<WorkerId, List<TreeNode>> _reissued = [];
    private readonly HashSet<WorkerId> _released = [];
    private IReadOnlyList<StepWorker> _workers = [];
    private Roster _asked = Roster.Empty;
    private TimeSpan _begun;
    private int _arrived;
    private bool _isUnderWay;
    private bool _idleChanged;
    private bool _someoneLeaves;

    /// <summary>Starts the decisions at a step.</summary>
    /// <param name="tree">The reduction tree.</param>
    /// <param name="firstStep">The first step.</param>
    /// <param name="add">Adds a right value to a left one.</param>
    /// <param name="discard">Returns a value that is not used to its owner.</param>
    /// <param name="pace">Estimates of the workers' speed; null for the default.</param>
    /// <param name="isRight">Whether a value is acceptable for a node and step; null accepts all.</param>
    public StepDecisions(
        ReductionTree tree, long firstStep, Func<T, T, T> add, Action<T> discard, Pace? pace = null,
        Func<long, TreeNode, T, bool>? isRight = null)
    {
        _tree = tree;
        _discard = discard;
        _pace = pace ?? new Pace();
        _isRight = isRight;
        _reduction = new TreeReduction<T>(tree, add, discard);
        Step = firstStep;
    }

    /// <summary>The step whose gradients are being added up.</summary>
    public long Step { get; private set; }

    /// <summary>
    /// The roster from the next step on. Workers of the current step follow the roster that <see cref="Begin"/> returned.
    /// </summary>
    public Roster Roster { get; private set; } = Roster.Empty;

    /// <summary>Workers whose nodes the last <see cref="Overdue"/> requested from others too.</summary>
    public IReadOnlyCollection<WorkerId> Late { get; private set; } = [];

    /// <summary>Whether all shards of this step have arrived.</summary>
    public bool IsComplete => _reduction.Covers(_tree.Root);

    /// <summary>Begins the step. Each worker of the roster owes its own nodes.</summary>
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
        _lateness.Begin(now);
        return _asked;
    }

    /// <summary>Puts a node into the tree, or discards it.</summary>
    public Arrival Accept(WorkerId worker, long step, TreeNode node, T value, TimeSpan computeTime, TimeSpan now)
    {
        _idleChanged |= _lateness.Heard(worker);
        if (!_tree.Contains(node))
        {
            _discard(value);
            return step != Step ? Arrival.Stale : Arrival.Unknown;
        }

        if (IsWrong(step, node, value))
            return Arrival.Wrong;
        _pace.Arrived(worker, step, _tree.Width(node), computeTime, _begun);
        return Put(step, node, value, now);
    }

    /// <summary>Puts a sum into the tree that several workers have added up in slices.</summary>
    /// <param name="step">The step.</param>
    /// <param name="node">The node.</param>
    /// <param name="value">Its sum.</param>
    /// <param name="now">Time since the run began.</param>
    public Arrival AcceptSum(long step, TreeNode node, T value, TimeSpan now) =>
        IsWrong(step, node, value) ? Arrival.Wrong : Put(step, node, value, now);

    /// <summary>A worker took so long for all of its own nodes of a step, which come in slices.</summary>
    public void Timed(WorkerId worker, long step, TimeSpan time)
    {
        _idleChanged |= _lateness.Heard(worker);
        _pace.Arrived(worker, step, _asked.Find(worker)?.Shards ?? 0, time, _begun);
    }

    /// <summary>
    /// Whether a step whose gradients come in slices is late. Then all are requested again, directly, and have the usual time for that:
    /// who is late with a slice is not known, only who is late with a node.
    /// </summary>
    public bool GivesUpSlices(TimeSpan now)
    {
        if (!_isUnderWay || IsComplete || !_lateness.IsLate(now))
            return false;
        _lateness.Begin(now);
        return true;
    }

    /// <summary>Returns the sum of the whole batch and advances to the next step. Nobody owes anything until <see cref="Begin"/>.</summary>
    public T Complete()
    {
        _lateness.Complete();
        T sum = _reduction.Take(_tree.Root) ?? throw new InvalidOperationException($"Step {Step} is not complete.");
        _isUnderWay = false;
        Step++;
        return sum;
    }

    /// <summary>
    /// Updates the set of workers after joins, losses or requests to leave. The new roster applies from the next step on; nodes owed by
    /// lost workers in the current step are requested from the new owners.
    /// </summary>
    /// <returns>The requests to send now.</returns>
    public IReadOnlyList<Reissue> ChangeWorkers(IReadOnlyList<StepWorker> workers)
    {
        _workers = workers;
        _someoneLeaves = workers.Any(worker => worker.IsLeaving);
        _lateness.Keep(IsThere);
        _pace.Keep(IsThere);
        _released.RemoveWhere(worker => !IsThere(worker));
        foreach (WorkerId lost in _reissued.Keys.Where(worker => !IsThere(worker)).ToList())
            _reissued.Remove(lost);
        Roster = Plan();
        if (!_isUnderWay || IsComplete)
            return [];

        bool[] isOrphan =
        [
            .. Enumerable.Range(0, _tree.Shards).Select(shard => !_reduction.Covers(new TreeNode(0, shard)) && !IsAskedOfAnyone(shard)),
        ];
        var reissues = new List<Reissue>();
        foreach (RosterEntry entry in Roster.Entries)
            AddReissue(reissues, entry.Worker, [.. entry.Nodes.SelectMany(ShardsOf).Where(shard => isOrphan[shard])]);
        return reissues;

        bool IsThere(WorkerId worker) => workers.Any(other => other.Worker == worker);
    }

    /// <summary>
    /// If the step is late, requests missing nodes from workers that owe nothing. Copies are equal bits, so the first answer counts.
    /// </summary>
    /// <returns>The requests to send now; empty while the step is not late.</returns>
    public IReadOnlyList<Reissue> Overdue(TimeSpan now)
    {
        Late = [];
        if (!_isUnderWay || IsComplete || _workers.Count < 2 || !_lateness.IsLate(now))
            return [];
        List<int> missing = [.. Enumerable.Range(0, _tree.Shards).Where(shard => !_reduction.Covers(new TreeNode(0, shard)))];
        HashSet<WorkerId> late =
            [.. _workers.Select(worker => worker.Worker).Where(worker => missing.Exists(shard => IsAsked(worker, shard)))];
        WorkerId[] free =
        [
            .. _workers
                .Where(worker => !worker.IsLeaving && !late.Contains(worker.Worker) && !_lateness.Idle.Contains(worker.Worker))
                .Select(worker => worker.Worker),
        ];
        if (free.Length == 0)
            return [];
        foreach (WorkerId worker in late)
            _idleChanged |= _lateness.Strike(worker);
        Late = late;
        var reissues = new List<Reissue>();
        for (int i = 0; i < free.Length; i++)
            AddReissue(
                reissues, free[i],
                missing[(int)((long)missing.Count * i / free.Length)..(int)((long)missing.Count * (i + 1) / free.Length)]);
        return reissues;
    }

    /// <summary>
    /// Requests one shard that another worker owes from each standby worker, at intervals. This keeps its code and connection warm,
    /// measures its pace, and lets a worker that was late show that it has recovered. The step does not wait for the answer.
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

    /// <summary>Returns leaving workers that owe nothing any more, each once.</summary>
    public IReadOnlyList<WorkerId> Release()
    {
        if (!_someoneLeaves)
            return [];
        List<WorkerId> free =
        [
            .. _workers
                .Where(worker => worker.IsLeaving && !_released.Contains(worker.Worker) && !Owes(worker.Worker))
                .Select(worker => worker.Worker),
        ];
        _released.UnionWith(free);
        return free;
    }

    private bool IsWrong(long step, TreeNode node, T value)
    {
        if (_isRight?.Invoke(step, node, value) != false)
            return false;
        _discard(value);
        return true;
    }

    private Arrival Put(long step, TreeNode node, T value, TimeSpan now)
    {
        if (step != Step || !_isUnderWay)
        {
            _discard(value);
            return Arrival.Stale;
        }

        if (!_reduction.Accept(node, value, _tree.Root))
            return Arrival.Duplicate;
        _arrived += _tree.Width(node);
        if (2 * _arrived >= _tree.Shards)
            _lateness.HasHalf(now);
        return Arrival.Fresh;
    }

    private bool Owes(WorkerId worker) =>
        _isUnderWay && Enumerable.Range(0, _tree.Shards).Any(shard => IsAsked(worker, shard) && !_reduction.Covers(new TreeNode(0, shard)));

    private Roster Plan()
    {
        bool anyBusy = _workers.Any(worker => !worker.IsLeaving && !_lateness.Idle.Contains(worker.Worker));
        return Roster.Plan(_tree, Roster, [.. _workers.Select(worker => new RosterWorker(worker.Worker, worker.Lanes,
            worker.IsLeaving || (anyBusy && _lateness.Idle.Contains(worker.Worker))
                ? double.PositiveInfinity
                : _pace.SlownessOf(worker.Worker)))]);
    }

    private void FollowPace()
    {
        Roster faster = Plan();
        if (TimeOf(faster) < TimeOf(Roster) * WorthMoving)
            Roster = faster;
    }

    private double TimeOf(Roster roster) => roster.Entries.Count == 0 ? 0 : roster.Entries.Max(entry =>
        new RosterWorker(entry.Worker, entry.Lanes, _pace.SlownessOf(entry.Worker)).TimeOf(entry.Shards));

    // A worker without shards may still answer earlier requests.
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
        (_asked.Find(worker) is { } entry && Contains(entry.Nodes, shard))
            || (_reissued.TryGetValue(worker, out List<TreeNode>? nodes) && Contains(nodes, shard));

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
