using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;

namespace Lockstep.Worker.Slices;

/// <summary>What one worker does in a <see cref="SlicePlan"/>: which slices it sends to whom, and what it adds up.</summary>
internal sealed class SlicePlace
{
    /// <summary>A place in a plan.</summary>
    /// <param name="number">Number of the plan.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="place">The worker's place.</param>
    /// <param name="workers">The coordinator's numbers of the plan's workers.</param>
    public SlicePlace(int number, SlicePlan plan, int place, IReadOnlyList<int> workers)
    {
        Number = number;
        Nodes = plan.NodesOf[place];
        Sums = plan.Nodes;
        Row = plan.RowSlice(place);
        RowSums = plan.RowNodes(plan.RowOf(place));
        RowMates = [.. plan.RowMates(place).Select(mate => (workers[mate], plan.RowSlice(mate), plan.NodesOf[mate]))];
        Added = [.. plan.PartsAddedBy(place).Select(part => new AddedPart(part.Part, part.Head == place ? null : workers[part.Head],
        [
            .. plan.HoldersOf(part.Part).Select(mate => new RowSums(workers[mate], plan.RowNodes(plan.RowOf(mate)))),
        ]))];
        Parts = [.. plan.PartsOf(place).Where(part => part.Adder != place).Select(part => (part.Part, workers[part.Adder]))];
        Columns = [.. plan.ColumnsHeadedBy(place)
            .Select(column => new HeadedColumn(column, [.. Parts.Where(part => column.Contains(part.Slice))]))
            .Where(column => column.Parts.Count > 0)];
        Mates = [.. plan.MatesOf(place).Select(mate => workers[mate])];
    }

    /// <summary>Number of the plan.</summary>
    public int Number { get; }

    /// <summary>The nodes that this worker computes.</summary>
    public IReadOnlyList<TreeNode> Nodes { get; }

    /// <summary>The slice that it adds up over the shards of its row, and passes on in its row.</summary>
    public Slice Row { get; }

    /// <summary>The nodes that its row adds up to.</summary>
    public IReadOnlyList<TreeNode> RowSums { get; }

    /// <summary>The other workers of its row, with the slice that each adds up, which may be empty, and the nodes that each computes.</summary>
    public IReadOnlyList<(int Worker, Slice Slice, IReadOnlyList<TreeNode> Nodes)> RowMates { get; }

    /// <summary>The parts of its slice that workers of other rows add up over all shards.</summary>
    public IReadOnlyList<(Slice Slice, int Worker)> Parts { get; }

    /// <summary>The parts that it adds up over all shards itself.</summary>
    public IReadOnlyList<AddedPart> Added { get; }

    /// <summary>The columns whose parts other workers add up, and which it exchanges with the coordinator. It adds up none itself then.</summary>
    public IReadOnlyList<HeadedColumn> Columns { get; }

    /// <summary>The nodes whose sums the coordinator gets.</summary>
    public IReadOnlyList<TreeNode> Sums { get; }

    /// <summary>All workers that it sends to and receives from.</summary>
    public IReadOnlyList<int> Mates { get; }
}

/// <summary>A part that a worker adds up over all shards.</summary>
/// <param name="Slice">The part.</param>
/// <param name="Head">The worker that gets the sums, and from which the weights come; null for the coordinator.</param>
/// <param name="Holders">The workers of other rows that have the part in their columns.</param>
internal sealed record AddedPart(Slice Slice, int? Head, IReadOnlyList<RowSums> Holders);

/// <summary>A column that a worker exchanges with the coordinator.</summary>
/// <param name="Slice">The column.</param>
/// <param name="Parts">Its parts, with the workers that add them up.</param>
internal sealed record HeadedColumn(Slice Slice, IReadOnlyList<(Slice Slice, int Worker)> Parts);

/// <summary>A worker of another row, and the nodes that its row adds up to.</summary>
internal readonly record struct RowSums(int Worker, IReadOnlyList<TreeNode> Nodes);
