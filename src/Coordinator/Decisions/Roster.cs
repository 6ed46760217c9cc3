using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>Which worker owns which shards. The roster affects only the time of a step, never the weights.</summary>
internal sealed class Roster
{
    private const int MostNodes = 2; // times the nodes of contiguous ranges
    private readonly Dictionary<WorkerId, RosterEntry> _byWorker;

    private Roster(IReadOnlyList<RosterEntry> entries)
    {
        Entries = entries;
        _byWorker = entries.ToDictionary(entry => entry.Worker);
    }

    /// <summary>The roster in which nobody owns a shard.</summary>
    public static Roster Empty { get; } = new([]);

    /// <summary>All workers in the order of joining, those without shards included.</summary>
    public IReadOnlyList<RosterEntry> Entries { get; }

    /// <summary>The entry of a worker, if it has one.</summary>
    public RosterEntry? Find(WorkerId worker) => _byWorker.GetValueOrDefault(worker);

    /// <summary>
    /// Divides the shards. Balance comes first (<see cref="Shares"/>). Of the balanced rosters it takes the one that moves the fewest
    /// shards from the previous roster. Each tree node costs one frame a step, so if that roster has more than twice the nodes of
    /// contiguous ranges, it falls back to ranges.
    /// </summary>
    /// <param name="tree">The tree whose shards are divided.</param>
    /// <param name="before">The previous roster.</param>
    /// <param name="workers">The current workers, in any order.</param>
    public static Roster Plan(ReductionTree tree, Roster before, IReadOnlyList<RosterWorker> workers)
    {
        RosterWorker[] sorted = [.. workers.OrderBy(worker => worker.Worker.Value)];
        int[] shares = Shares.Divide(tree.Shards, sorted, [.. sorted.Select(worker => before.Find(worker.Worker)?.Shards ?? 0)]);
        NodeSet[] ranges = Ranges(tree, shares);
        NodeSet[] owned =
            [.. sorted.Select((worker, i) => NodeSet.Keep(tree, before.Find(worker.Worker)?.Nodes ?? [], shares[i]))];
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

    /// <summary>Assigns unowned nodes, the widest first, to workers below their share: whole if they fit, else in halves.</summary>
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
                // The owner of the sibling node sends both as one frame.
                if (owned[i].Shards + width <= shares[i]
                    && (best < 0
                        || (owned[i].Joins(node), shares[i] - owned[i].Shards).CompareTo(
                            (owned[best].Joins(node), shares[best] - owned[best].Shards)) > 0))
                    best = i;
            }

            if (best >= 0)
                owned[best].Add(node);
            else
                free.AddHalves(node);
        }
    }

    // A worker that keeps its nodes keeps the same list instance, and needs no assignment frame.
    private static RosterEntry Entry(RosterWorker worker, NodeSet owned, Roster before)
    {
        TreeNode[] nodes = [.. owned.Nodes];
        return before.Find(worker.Worker) is { } entry && entry.Nodes.SequenceEqual(nodes)
            ? entry with { Lanes = worker.Lanes }
            : new RosterEntry(worker.Worker, worker.Lanes, owned.Shards, nodes);
    }
}

/// <summary>The shards of one worker, as the fewest tree nodes that cover them, from left to right.</summary>
internal sealed record RosterEntry(WorkerId Worker, int Lanes, int Shards, IReadOnlyList<TreeNode> Nodes);
