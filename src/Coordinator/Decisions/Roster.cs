using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>Which worker owns which shards. Any roster gives the same weights; a good one gives them sooner.</summary>
internal sealed class Roster
{
    private readonly Dictionary<WorkerId, RosterEntry> _byWorker;

    private Roster(int version, IReadOnlyList<RosterEntry> entries)
    {
        Version = version;
        Entries = entries;
        _byWorker = entries.ToDictionary(entry => entry.Worker);
    }

    /// <summary>Nobody owns anything.</summary>
    public static Roster Empty { get; } = new(0, []);

    /// <summary>Counts the rosters of one coordinator.</summary>
    public int Version { get; }

    /// <summary>Workers in the order of their shards. With more workers than shards the last ones own none.</summary>
    public IReadOnlyList<RosterEntry> Entries { get; }

    /// <summary>The entry of a worker, if it has one.</summary>
    public RosterEntry? Find(WorkerId worker) => _byWorker.GetValueOrDefault(worker);

    /// <summary>Divides the shards into contiguous ranges, in proportion to the workers' lanes and in the order given.</summary>
    public static Roster Plan(int version, ReductionTree tree, IReadOnlyList<(WorkerId Worker, int Lanes)> workers)
    {
        long lanes = workers.Sum(worker => (long)worker.Lanes), lanesBefore = 0;
        var entries = new List<RosterEntry>(workers.Count);
        int first = 0;
        foreach ((WorkerId worker, int workerLanes) in workers)
        {
            lanesBefore += workerLanes;
            int end = (int)(tree.Shards * lanesBefore / lanes);
            entries.Add(new RosterEntry(worker, workerLanes, first, end, [.. tree.Cover(first, end)]));
            first = end;
        }

        return new Roster(version, entries);
    }

    /// <summary>The same workers, of which some own nothing for now. Null when nobody else is left.</summary>
    public Roster? Without(IReadOnlySet<WorkerId> idle, ReductionTree tree)
    {
        (WorkerId, int)[] busy = [.. Entries.Where(entry => !idle.Contains(entry.Worker)).Select(entry => (entry.Worker, entry.Lanes))];
        if (busy.Length == 0)
            return null;
        Roster others = Plan(Version, tree, busy);
        return new Roster(Version, [.. others.Entries, .. Entries.Where(entry => idle.Contains(entry.Worker)).Select(entry => entry with { FirstShard = 0, EndShard = 0, Nodes = [] })]);
    }
}

/// <summary>The shards of one worker, and the fewest tree nodes that cover them.</summary>
internal sealed record RosterEntry(WorkerId Worker, int Lanes, int FirstShard, int EndShard, IReadOnlyList<TreeNode> Nodes)
{
    public int Shards => EndShard - FirstShard;
}
