using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>Which worker owns which shards. Any roster gives the same weights; a good one gives them sooner.</summary>
internal sealed class Roster
{
    private const int MostNodes = 2; // times as many as ranges have
    private readonly Dictionary<WorkerId, RosterEntry> _byWorker;

    private Roster(IReadOnlyList<RosterEntry> entries)
    {
        Entries = entries;
        _byWorker = entries.ToDictionary(entry => entry.Worker);
    }

    /// <summary>Nobody owns anything.</summary>
    public static Roster Empty { get; } = new([]);

    /// <summary>Workers in the order of joining. Those that own nothing stand by.</summary>
    public IReadOnlyList<RosterEntry> Entries { get; }

    /// <summary>The entry of a worker, if it has one.</summary>
    public RosterEntry? Find(WorkerId worker) => _byWorker.GetValueOrDefault(worker);

    /// <summary>
    /// Divides the shards. First, balanced (<see cref="Shares"/>). Of the balanced rosters, one that moves as few shards as can be from the
    /// roster before. Each tree node is a frame in every step, though: where that roster has more than twice the nodes that ranges would
    /// have, after many changes, shards are moved for once, and everybody owns a range again.
    /// </summary>
    /// <param name="tree">The tree whose shards are divided.</param>
    /// <param name="before">Who owned what so far.</param>
    /// <param name="workers">Who there is now, in any order.</param>
    public static Roster Plan(ReductionTree tree, Roster before, IReadOnlyList<RosterWorker> workers)
    {
        RosterWorker[] sorted = [.. workers.OrderBy(worker => worker.Worker.Value)];
        int[] shares = Shares.Divide(tree.Shards, sorted, [.. sorted.Select(worker => before.Find(worker.Worker)?.Shards ?? 0)]);
        NodeSet[] ranges = Ranges(tree, shares), owned = [.. sorted.Select((worker, i) => NodeSet.Keep(tree, before.Find(worker.Worker)?.Nodes ?? [], shares[i]))];
        if (shares.Sum() == tree.Shards)
            GiveOut(tree, owned, shares);
        if (before.Entries.Count == 0 || Nodes(owned) > MostNodes * Nodes(ranges))
            owned = ranges;
        return new Roster([.. sorted.Select((worker, i) => Entry(worker, owned[i], before))]);
    }

    private static int Nodes(NodeSet[] sets) => sets.Sum(set => set.Nodes.Count());

    private static NodeSet[] Ranges(ReductionTree tree, int[] shares)
    {
        int end = 0;
        return [.. shares.Select(share => NodeSet.Of(tree, Enumerable.Range((end += share) - share, share)))];
    }

    /// <summary>Hands what nobody owns, the widest nodes first, to workers that have too little: whole where it fits, else in halves.</summary>
    private static void GiveOut(ReductionTree tree, NodeSet[] owned, int[] shares)
    {
        bool[] isOwned = new bool[tree.Shards];
        foreach (TreeNode node in owned.SelectMany(set => set.Nodes))
            isOwned.AsSpan()[node.FirstShard..tree.EndShard(node)].Fill(true);
        NodeSet free = NodeSet.Of(tree, Enumerable.Range(0, tree.Shards).Where(shard => !isOwned[shard]));
        while (free.TakeWidest() is { } node)
        {
            int width = tree.Width(node), best = -1;
            for (int i = 0; i < owned.Length; i++)
            {
                // Whoever owns the other half sends both as one.
                if (owned[i].Shards + width <= shares[i]
                    && (best < 0 || (owned[i].Joins(node), shares[i] - owned[i].Shards).CompareTo((owned[best].Joins(node), shares[best] - owned[best].Shards)) > 0))
                    best = i;
            }

            if (best >= 0)
                owned[best].Add(node);
            else
                free.AddHalves(node);
        }
    }

    // One that keeps what it has keeps the very list, and need not be told.
    private static RosterEntry Entry(RosterWorker worker, NodeSet owned, Roster before)
    {
        TreeNode[] nodes = [.. owned.Nodes];
        return before.Find(worker.Worker) is { } entry && entry.Nodes.SequenceEqual(nodes)
            ? entry with { Lanes = worker.Lanes }
            : new RosterEntry(worker.Worker, worker.Lanes, owned.Shards, nodes);
    }
}

/// <summary>What one worker owns: shards, as the fewest tree nodes that cover them, from left to right.</summary>
internal sealed record RosterEntry(WorkerId Worker, int Lanes, int Shards, IReadOnlyList<TreeNode> Nodes);
