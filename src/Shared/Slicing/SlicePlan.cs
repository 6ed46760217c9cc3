using Lockstep.Model.Reduction;

namespace Lockstep.Shared.Slicing;

/// <summary>
/// Which worker adds up which slice of the gradient, so that no line carries more than about two gradients a step, however many workers
/// there are.
/// <para>
/// The workers, in the order of their shards, are the cells of a grid. The parameters are cut into as many columns as the longest row has
/// workers. The workers of the first row are the heads of the columns: with them the leader exchanges weights and gradients, a column each.
/// Each column is cut into as many parts as there are other rows. In a step each worker sends every other worker of its row that one's
/// columns of its own nodes (w workers: √w - 1 frames). Each adds up its columns along the tree as far as the shards of its row reach, and
/// sends each worker of its columns but the heads that one's part of the sums. These add up their parts, now for all shards, and send them
/// to the head, which puts them together for the leader. New weights go the same way back: a column from the leader to its head, a part to
/// each worker of the column, which pass the parts on in the column, and then columns in each row. Few workers are one row, of heads that
/// add up their columns themselves.
/// </para>
/// </summary>
public sealed class SlicePlan
{
    // Up to so many workers each sends to each other directly. With more, rows of equal length share the traffic evenly, up to so many in one.
    private const int OneRow = 8, MostInARow = 32;

    private readonly int[] _rowStarts;
    private readonly Slice _all;
    private readonly ReductionTree _tree;

    /// <summary>The plan of some workers.</summary>
    /// <param name="length">Number of trained parameters, with padding.</param>
    /// <param name="tree">The tree of the nodes.</param>
    /// <param name="nodes">Nodes of each worker, ≥ 1; workers in the order of their first shards.</param>
    /// <param name="rows">Number of rows, from 1 to the number of workers.</param>
    public SlicePlan(int length, ReductionTree tree, IReadOnlyList<IReadOnlyList<TreeNode>> nodes, int rows)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, nodes.Count);
        (_tree, _all, NodesOf, Rows) = (tree, new Slice(0, length), nodes, rows);
        _rowStarts = [.. Enumerable.Range(0, Rows + 1).Select(row => row * nodes.Count / Rows)];
        Columns = Enumerable.Range(0, Rows).Max(RowLength);
        Nodes = Cover(0, nodes.Count);
    }

    /// <summary>The number of rows that suits a number of workers.</summary>
    public static int RowsFor(int workers)
    {
        if (workers <= OneRow)
            return 1;
        int most = (int)Math.Sqrt(workers);
        for (int rows = most; rows > 0 && workers / rows <= MostInARow; rows--)
        {
            if (workers % rows == 0)
                return rows;
        }

        return most;
    }

    /// <summary>Number of workers.</summary>
    public int Workers => NodesOf.Count;

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Nodes of each worker.</summary>
    public IReadOnlyList<IReadOnlyList<TreeNode>> NodesOf { get; }

    /// <summary>The nodes whose sums the leader gets: the fewest that cover the shards of all workers.</summary>
    public IReadOnlyList<TreeNode> Nodes { get; }

    /// <summary>The row of a worker.</summary>
    public int RowOf(int worker)
    {
        int row = Array.BinarySearch(_rowStarts, worker);
        return row >= 0 ? row : ~row - 1;
    }

    /// <summary>The other workers of a worker's row.</summary>
    public IEnumerable<int> RowMates(int worker)
    {
        int row = RowOf(worker);
        return Enumerable.Range(_rowStarts[row], RowLength(row)).Where(mate => mate != worker);
    }

    /// <summary>The nodes that a row adds up to: the fewest that cover its shards.</summary>
    public IReadOnlyList<TreeNode> RowNodes(int row) => Cover(_rowStarts[row], _rowStarts[row + 1]);

    /// <summary>The columns of a worker, which it adds up for its row and passes on in its row. They are adjacent.</summary>
    public Slice RowSlice(int worker)
    {
        Slice[] columns = [.. ColumnsOf(worker).Select(Column)];
        return new Slice(columns[0].First, columns[^1].End - columns[0].First);
    }

    /// <summary>The columns that a worker exchanges with the leader; none if it is no head.</summary>
    public IEnumerable<Slice> ColumnsHeadedBy(int worker) =>
        RowOf(worker) > 0 ? [] : ColumnsOf(worker).Select(Column).Where(column => !column.IsEmpty);

    /// <summary>All parts of a worker's columns that are not empty, with the worker that adds each up over all rows, and the column's head.</summary>
    public IEnumerable<(Slice Part, int Adder, int Head)> PartsOf(int worker)
    {
        int adders = Math.Max(1, Rows - 1);
        return from column in ColumnsOf(worker)
               from adder in Enumerable.Range(0, adders)
               let part = Column(column).Part(adder, adders)
               where !part.IsEmpty
               select (part, Handler(Rows - adders + adder, column), Handler(0, column));
    }

    /// <summary>The parts that a worker adds up over all rows, with the head of each.</summary>
    public IEnumerable<(Slice Part, int Head)> PartsAddedBy(int worker) =>
        PartsOf(worker).Where(part => part.Adder == worker).Select(part => (part.Part, part.Head));

    /// <summary>The workers that another one sends to and receives from, in order.</summary>
    public IReadOnlyList<int> MatesOf(int worker) =>
    [
        .. RowMates(worker).Concat(
            ColumnsOf(worker).SelectMany(column => Enumerable.Range(0, Rows).Select(row => Handler(row, column))))
            .Where(mate => mate != worker).Distinct().Order(),
    ];

    /// <summary>The workers that have a part in their columns, but the one that adds it up.</summary>
    public IEnumerable<int> HoldersOf(Slice part)
    {
        int column = Enumerable.Range(0, Columns).First(column => Column(column).Contains(part));
        int adder = PartsOf(Handler(0, column)).First(other => other.Part == part).Adder;
        return Enumerable.Range(0, Rows).Select(row => Handler(row, column)).Where(holder => holder != adder);
    }

    private int RowLength(int row) => _rowStarts[row + 1] - _rowStarts[row];

    // A row shorter than the longest has workers with two columns.
    private int Handler(int row, int column) => _rowStarts[row] + column * RowLength(row) / Columns;

    private IEnumerable<int> ColumnsOf(int worker)
    {
        int row = RowOf(worker);
        return Enumerable.Range(0, Columns).Where(column => Handler(row, column) == worker);
    }

    private Slice Column(int column) => _all.Part(column, Columns);

    private List<TreeNode> Cover(int firstWorker, int endWorker)
    {
        var nodes = new List<TreeNode>();
        (int first, int end) = (0, 0);
        foreach (TreeNode node in NodesOf.Skip(firstWorker).Take(endWorker - firstWorker).SelectMany(nodes => nodes)
            .OrderBy(node => node.FirstShard))
        {
            if (node.FirstShard != end)
            {
                nodes.AddRange(_tree.Cover(first, end));
                first = node.FirstShard;
            }

            end = _tree.EndShard(node);
        }

        nodes.AddRange(_tree.Cover(first, end));
        return nodes;
    }
}
