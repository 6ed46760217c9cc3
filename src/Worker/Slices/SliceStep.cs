using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Slices;

/// <summary>
/// One worker's part in one step under a plan: gathers the weights, and adds up its slices of the gradient. Guarded by the lock of its
/// <see cref="SliceExchange"/>.
/// </summary>
internal sealed class SliceStep
{
    private readonly SlicePlace _place;
    private readonly SliceParts _parts;
    private List<(int? Worker, SliceSend Send)> _outgoing = [];
    private readonly HashSet<(int? From, Slice Slice)> _expected = [];
    private readonly TreeReduction<SlicePart> _row;
    private readonly TreeReduction<SlicePart>[] _added;
    private readonly Dictionary<(Slice Column, TreeNode Node), ColumnSum> _columns = [];
    private readonly List<OwnNode> _own = [];
    private int _gathered, _total;

    /// <param name="step">The step.</param>
    /// <param name="place">This worker's place in the plan.</param>
    /// <param name="tree">The tree of the nodes.</param>
    /// <param name="length">Number of trained parameters.</param>
    /// <param name="parts">Buffers for slices.</param>
    public SliceStep(long step, SlicePlace place, ReductionTree tree, int length, SliceParts parts)
    {
        (Number, _place, _parts, Length) = (step, place, parts, length);
        _row = new TreeReduction<SlicePart>(tree, Add, part => part.Release());
        _added = [.. place.Added.Select(_ => new TreeReduction<SlicePart>(tree, Add, part => part.Release()))];
        _expected.UnionWith(place.RowMates.Select(mate => ((int?)mate.Worker, mate.Slice)));
        _expected.UnionWith(place.Columns.Select(column => ((int?)null, column.Slice)));
        _expected.UnionWith(place.Added.Select(part => (part.Head, part.Slice)));
        if (place.Columns.Count == 0)
            _expected.UnionWith(place.Parts.Select(part => ((int?)part.Worker, part.Slice)));
    }

    /// <summary>The step.</summary>
    public long Number { get; }

    /// <summary>Number of the plan.</summary>
    public int Plan => _place.Number;

    /// <summary>Number of trained parameters.</summary>
    public int Length { get; }

    /// <summary>The weights that are gathered; null before the first of them.</summary>
    public WeightsBuffer? Weights { get; set; }

    /// <summary>Frames that are being received into <see cref="Weights"/>.</summary>
    public int Receiving { get; set; }

    /// <summary>Whether all weights are there.</summary>
    public bool HasWeights { get; private set; }

    /// <summary>The nodes that this worker computes.</summary>
    public IReadOnlyList<TreeNode> Nodes => _place.Nodes;

    /// <summary>The worker's own nodes that are computed, in the order of their completion.</summary>
    public IReadOnlyList<OwnNode> Own => _own;

    /// <summary>From the weights to the last of the worker's own nodes; 0 before that.</summary>
    public TimeSpan ComputeTime { get; private set; }

    /// <summary>Whether a slice of weights is still expected from a worker, or the coordinator (null); expects it no more.</summary>
    public bool Expects(Slice slice, int? from) => _expected.Remove((from, slice));

    /// <summary>Takes a slice of weights that has been received, and passes it on. True once, when all weights are there.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="from">The worker that it came from; null for the coordinator.</param>
    public bool Gather(Slice slice, int? from)
    {
        foreach (HeadedColumn column in _place.Columns.Where(column => from is null && column.Slice == slice))
        {
            foreach ((Slice part, int worker) in column.Parts)
                Post([worker], part);
        }

        foreach (AddedPart part in _place.Added.Where(part => part.Head == from && part.Slice == slice))
            Post(part.Holders.Select(holder => holder.Worker).Where(worker => worker != from), slice);
        _total += slice.Count;
        if (_place.Row.Contains(slice) && !slice.IsEmpty && (_gathered += slice.Count) == _place.Row.Count)
            Post(_place.RowMates.Select(mate => mate.Worker), _place.Row);
        if (_total < Length || HasWeights)
            return false;
        return HasWeights = true;
    }

    /// <summary>Whether this worker adds up a slice of a node's gradient that another one sends, or puts it together with others.</summary>
    public bool Adds(TreeNode node, Slice slice, int from)
    {
        foreach ((int mate, _, IReadOnlyList<TreeNode> nodes) in _place.RowMates)
        {
            if (mate == from)
                return slice == _place.Row && nodes.Contains(node);
        }

        return _place.Columns.Count > 0
            ? _place.Sums.Contains(node) && _place.Columns.Any(column => column.Parts.Contains((slice, from)))
            : IndexOf(slice) is >= 0 and var index
                && _place.Added[index].Holders.Any(holder => holder.Worker == from && holder.Nodes.Contains(node));
    }

    /// <summary>Whether a node is one of the plan's for this worker; others are asked for in addition.</summary>
    public bool IsOwn(TreeNode node) => _place.Nodes.Contains(node);

    /// <summary>Takes a node that this worker has computed. Its result stays as it is until the next step begins.</summary>
    public void AddOwn(in OwnNode own)
    {
        _own.Add(own);
        if (_own.Count >= _place.Nodes.Count)
            ComputeTime = _own.Max(node => node.ComputeTime);
        foreach ((int worker, Slice slice, _) in _place.RowMates.Where(mate => !mate.Slice.IsEmpty))
        {
            own.Result.Hold();
            Post(worker, own.Node, own.Result.Statistics, slice, own.Result);
        }

        if (_place.Row.IsEmpty)
            return;
        SlicePart part = _parts.Rent(_place.Row);
        own.Result.Read(_place.Row).CopyTo(part.Values);
        part.Statistics = own.Result.Statistics;
        AddToRow(own.Node, part);
    }

    /// <summary>Adds a slice of another worker's node, of another row's sum, or puts a part of a column's sum with the others.</summary>
    public void Accept(TreeNode node, SlicePart part, int from)
    {
        if (_place.RowMates.Any(mate => mate.Worker == from))
            AddToRow(node, part);
        else if (_place.Columns.Count > 0)
            Join(node, part);
        else
            AddToSum(IndexOf(part.Slice), node, part);
    }

    /// <summary>Takes what is to be sent now, to a worker or (null) the coordinator. The caller sends it without the lock.</summary>
    public IReadOnlyList<(int? Worker, SliceSend Send)> TakeOutgoing()
    {
        if (_outgoing.Count == 0)
            return [];
        List<(int? Worker, SliceSend Send)> taken = _outgoing;
        _outgoing = new List<(int? Worker, SliceSend Send)>(taken.Count);
        return taken;
    }

    /// <summary>The step is over.</summary>
    public void Clear()
    {
        _row.Clear();
        foreach (TreeReduction<SlicePart> added in _added)
            added.Clear();
        foreach (ColumnSum column in _columns.Values)
            column.Whole.Release();
        _columns.Clear();
    }

    private void AddToRow(TreeNode node, SlicePart part)
    {
        TreeNode top = TopOf(node, _place.RowSums)!.Value;
        if (!_row.Accept(node, part, top) || _row.Take(top) is not { } sum)
            return;
        foreach ((Slice slice, int worker) in _place.Parts)
        {
            sum.Hold();
            Post(worker, top, sum.Statistics, slice, sum);
        }

        for (int i = 0; i < _place.Added.Count; i++)
        {
            Slice slice = _place.Added[i].Slice;
            SlicePart own = _parts.Rent(slice);
            sum.Read(slice).CopyTo(own.Values);
            own.Statistics = sum.Statistics;
            AddToSum(i, top, own);
        }

        sum.Release();
    }

    private void AddToSum(int index, TreeNode node, SlicePart part)
    {
        TreeNode top = TopOf(node, _place.Sums)!.Value;
        if (_added[index].Accept(node, part, top) && _added[index].Take(top) is { } sum)
            Post(_place.Added[index].Head, top, sum.Statistics, sum.Slice, sum);
    }

    private void Join(TreeNode node, SlicePart part)
    {
        Slice column = _place.Columns.First(column => column.Slice.Contains(part.Slice)).Slice;
        if (!_columns.TryGetValue((column, node), out ColumnSum? sum))
        {
            _columns.Add((column, node), sum = new ColumnSum(_parts.Rent(column)));
            sum.Whole.Statistics = part.Statistics;
        }

        // Parts of different examples are none of one sum: the coordinator waits for it in vain, and asks for the step directly.
        if (sum.Whole.Statistics == part.Statistics && sum.Parts.Add(part.Slice))
        {
            part.Values.CopyTo(sum.Whole.Values[(part.Slice.First - column.First)..]);
            sum.Received += part.Slice.Count;
            if (sum.Received == column.Count)
            {
                sum.Whole.Hold();
                Post(null, node, sum.Whole.Statistics, column, sum.Whole);
            }
        }

        part.Release();
    }

    private int IndexOf(Slice slice)
    {
        for (int i = 0; i < _place.Added.Count; i++)
        {
            if (_place.Added[i].Slice == slice)
                return i;
        }

        return -1;
    }

    private void Post(IEnumerable<int> workers, Slice slice)
    {
        foreach (int worker in workers)
        {
            Weights!.Hold();
            _outgoing.Add((worker, new SliceSend(FrameKind.SliceWeights, Number, Plan, default, default, slice, Weights)));
        }
    }

    private void Post(int? worker, TreeNode node, NodeStatistics statistics, Slice slice, ISliceSource source) =>
        _outgoing.Add((worker, new SliceSend(FrameKind.SliceGradient, Number, Plan, node, statistics, slice, source)));

    private static TreeNode? TopOf(TreeNode node, IReadOnlyList<TreeNode> tops)
    {
        foreach (TreeNode top in tops)
        {
            if (top.Level >= node.Level && node.Index >> (top.Level - node.Level) == top.Index)
                return top;
        }

        return null;
    }

    private static SlicePart Add(SlicePart left, SlicePart right)
    {
        GradientSum.Add(left.Values, right.Values, left.Values);
        left.Statistics += right.Statistics;
        right.Release();
        return left;
    }

    /// <summary>The sum of a node in a column, as far as its parts are there.</summary>
    private sealed class ColumnSum(SlicePart whole)
    {
        public SlicePart Whole { get; } = whole;

        public HashSet<Slice> Parts { get; } = [];

        public int Received { get; set; }
    }
}

/// <summary>A node that this worker has computed.</summary>
/// <param name="Node">The node.</param>
/// <param name="Result">Its sum, unchanged until the next step begins.</param>
/// <param name="ComputeTime">Time since the weights arrived.</param>
internal readonly record struct OwnNode(TreeNode Node, NodeResult Result, TimeSpan ComputeTime);
