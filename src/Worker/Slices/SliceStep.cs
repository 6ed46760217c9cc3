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
    private readonly List<OwnNode> _own = [];
    private IReadOnlyList<TreeNode>? _assigned;
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
        _expected.UnionWith(place.Parts.Select(part => ((int?)part.Worker, part.Slice)));
        _expected.UnionWith(place.Added.Select(part => ((int?)null, part.Slice)));
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

    /// <summary>The worker's own nodes that are computed, in the order of their completion.</summary>
    public IReadOnlyList<OwnNode> Own => _own;

    /// <summary>From the weights to the last of the worker's own nodes; 0 before that.</summary>
    public TimeSpan ComputeTime { get; private set; }

    /// <summary>Whether a slice of weights is still expected from a worker, or the coordinator (null); expects it no more.</summary>
    public bool Expects(Slice slice, int? from) => slice.IsEmpty || _expected.Remove((from, slice));

    /// <summary>Takes a slice of weights that has been received, and passes it on. Returns the nodes to compute, once, when all are there.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="assigned">The nodes to compute, if the slice came from the coordinator; else null.</param>
    public IReadOnlyList<TreeNode>? Gather(Slice slice, IReadOnlyList<TreeNode>? assigned)
    {
        _assigned ??= assigned;
        foreach ((Slice part, IReadOnlyList<RowSums> holders) in _place.Added)
        {
            if (part == slice && assigned is not null)
                Post(holders.Select(holder => holder.Worker), slice);
        }

        _total += slice.Count;
        if (_place.Row.Contains(slice) && !slice.IsEmpty && (_gathered += slice.Count) == _place.Row.Count)
            Post(_place.RowMates.Select(mate => mate.Worker), _place.Row);
        if (_total < Length || _assigned is null || HasWeights)
            return null;
        HasWeights = true;
        return _assigned;
    }

    /// <summary>Whether this worker adds up a slice of a node's gradient that another one sends.</summary>
    public bool Adds(TreeNode node, Slice slice, int from) =>
        (slice == _place.Row && _place.RowMates.Any(mate => mate.Worker == from && mate.Nodes.Contains(node)))
        || (IndexOf(slice) is >= 0 and var index
            && _place.Added[index].Holders.Any(holder => holder.Worker == from && holder.Nodes.Contains(node)));

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

    /// <summary>Adds a slice of another worker's node, or of another row's sum.</summary>
    public void Accept(TreeNode node, SlicePart part)
    {
        if (IsOfRow(node, part.Slice))
            AddToRow(node, part);
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
            _outgoing.Add((null, new SliceSend(FrameKind.SliceGradient, Number, Plan, top, sum.Statistics, sum.Slice, sum)));
    }

    // In a model of few parameters, a slice of the row may be a part, too.
    private bool IsOfRow(TreeNode node, Slice slice) => slice == _place.Row && TopOf(node, _place.RowSums) is not null;

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

    private void Post(int worker, TreeNode node, NodeStatistics statistics, Slice slice, ISliceSource source) =>
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
}

/// <summary>A node that this worker has computed.</summary>
/// <param name="Node">The node.</param>
/// <param name="Result">Its sum, unchanged until the next step begins.</param>
/// <param name="ComputeTime">Time since the weights arrived.</param>
internal readonly record struct OwnNode(TreeNode Node, NodeResult Result, TimeSpan ComputeTime);
