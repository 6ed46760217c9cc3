using System.Diagnostics.CodeAnalysis;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Worker.Lanes;

/// <summary>
/// The state of a worker's lanes: remaining work of the current step, finished results, and buffers. Has no thread and no lock: the caller
/// makes one call at a time.
/// </summary>
internal sealed class LaneWork
{
    private readonly RunSpec _spec;
    private readonly TimeProvider _time;
    private readonly ReductionTree _tree;
    private readonly TreeReduction<NodeResult> _reduction;
    private readonly Stack<NodeResult> _free = [];
    private readonly Stack<NodeResult> _freeShared = [];
    private readonly List<NodeResult> _kept = [];
    private readonly List<WorkItem> _work = [];
    private readonly Queue<WorkItem> _ahead = new();
    private readonly List<(long Step, IReadOnlyList<TreeNode> Nodes)> _early = [];
    private readonly WeightsBuffer[] _buffers;
    private readonly int _lanes;
    private readonly int _length;
    private IReadOnlyList<TreeNode> _assigned = [];
    private List<WorkItem> _assignedWork = [];
    private WeightsBuffer? _current;
    private long _step = -1;
    private long _haveExamplesUntil;
    private long _begun;

    public LaneWork(int lanes, RunSpec spec, ParameterLayout layout, TimeProvider time)
    {
        _lanes = lanes;
        _spec = spec;
        _time = time;
        _length = layout.TrainableLength;
        _tree = new ReductionTree(spec.Shards);
        _reduction = new TreeReduction<NodeResult>(_tree, Add, Free);
        // One current, one being received, and those that lanes have not released yet: in practice one.
        _buffers = [.. Enumerable.Range(0, 3).Select(_ => new WeightsBuffer(new AlignedBuffer(layout.Length)))];
    }

    /// <summary>The buffers for weights that come in frames.</summary>
    public IReadOnlyList<WeightsBuffer> Buffers => _buffers;

    /// <summary>Whether a buffer for the next weights is free.</summary>
    public bool HasBuffer => FreeBuffer is not null;

    /// <summary>
    /// Takes a buffer for the next weights, until <see cref="Begin"/> or <see cref="ReturnBuffer"/>; false while lanes read all of them.
    /// </summary>
    public bool TryTakeBuffer([NotNullWhen(true)] out WeightsBuffer? taken)
    {
        taken = FreeBuffer;
        if (taken is not null)
            taken.IsTaken = true;
        return taken is not null;
    }

    /// <inheritdoc cref="ILanes.ReturnBuffer"/>
    public static void ReturnBuffer(WeightsBuffer buffer) => buffer.IsTaken = false;

    /// <inheritdoc cref="ILanes.SetFrozen"/>
    public void SetFrozen(ReadOnlySpan<float> values)
    {
        foreach (WeightsBuffer buffer in _buffers)
            values.CopyTo(buffer.Values.Span[_length..]);
    }

    /// <inheritdoc cref="ILanes.ShareGradients"/>
    public void ShareGradients(IReadOnlyList<AlignedBuffer> slots)
    {
        for (int i = 0; i < slots.Count; i++)
            _freeShared.Push(new NodeResult(slots[i], i));
    }

    /// <inheritdoc cref="ILanes.HaveExamples"/>
    public void HaveExamples(long untilStep) => _haveExamplesUntil = untilStep;

    /// <inheritdoc cref="ILanes.Begin"/>
    public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes)
    {
        _work.Clear();
        _reduction.Clear();
        foreach (NodeResult result in _kept)
        {
            if (!result.IsRead)
                Free(result);
        }

        _kept.RemoveAll(result => !result.IsRead);
        weights.IsTaken = false;
        _current = weights;
        _step = step;
        _begun = _time.GetTimestamp();
        if (!ReferenceEquals(nodes, _assigned))
        {
            _assigned = nodes;
            _assignedWork = WorkItem.Split(_tree, nodes, _lanes);
        }

        _work.AddRange(_assignedWork);
        if (_early.Count > 0)
            TakeEarly();
        _ahead.Clear();
        if (step + 1 >= _spec.TotalSteps)
            return;
        foreach (WorkItem item in _assignedWork)
            _ahead.Enqueue(item);
    }

    /// <inheritdoc cref="ILanes.Extend"/>
    public void Extend(long step, IReadOnlyList<TreeNode> nodes)
    {
        if (step > _step)
            _early.Add((step, nodes));
        else if (step == _step)
            _work.AddRange(WorkItem.Split(_tree, nodes, _lanes));
    }

    /// <summary>
    /// The next task of a lane. The node that the lane has prepared comes first. If there is no work and the lane has prepared nothing,
    /// returns a task without weights: a node of the next step to prepare.
    /// </summary>
    /// <returns>False when there is nothing to do now.</returns>
    public bool TryTake(WorkItem? prepared, out LaneTask task)
    {
        if (_work.Count == 0)
        {
            bool prepares = prepared is null && _ahead.Count > 0 && _step + 1 < _haveExamplesUntil;
            task = prepares ? new LaneTask(_step + 1, _ahead.Dequeue(), null, null) : default;
            return prepares;
        }

        if (_step >= _haveExamplesUntil)
        {
            task = default;
            return false;
        }

        _current!.Readers++;
        int place = prepared is { } own ? Math.Max(0, _work.IndexOf(own)) : 0;
        WorkItem item = _work[place];
        _work.RemoveAt(place);
        if (!item.IsFirst || !_freeShared.TryPop(out NodeResult? result))
            result = _free.TryPop(out NodeResult? free) ? free : new NodeResult(new AlignedBuffer(_length));
        task = new LaneTask(_step, item, _current, result);
        return true;
    }

    /// <summary>Takes a computed node. Drops it if its step is over.</summary>
    /// <param name="task">The finished task.</param>
    /// <param name="computeTime">Time since the weights arrived.</param>
    /// <returns>The sum of the requested node if it is complete now; the caller sends it and calls <see cref="Sent"/>.</returns>
    public NodeResult? Finish(in LaneTask task, out TimeSpan computeTime)
    {
        task.Weights!.Readers--;
        computeTime = _time.GetElapsedTime(_begun);
        if (task.Step != _step)
        {
            Free(task.Result!);
            return null;
        }

        NodeResult? finished = _reduction.Accept(task.Item.Node, task.Result!, task.Item.SentAs) ? _reduction.Take(task.Item.SentAs) : null;
        // The coordinator reads it; and the next step may begin before the caller has said that it is sent.
        if (finished?.Slot is not null)
            _kept.Add(finished);
        return finished;
    }

    /// <summary>A node was sent.</summary>
    /// <param name="result">Its sum.</param>
    /// <param name="isKept">Whether others read its buffer until the next step begins.</param>
    public void Sent(NodeResult result, bool isKept)
    {
        if (result.Slot is not null)
            return;
        if (isKept)
            _kept.Add(result);
        else
            Free(result);
    }

    private WeightsBuffer? FreeBuffer => Array.Find(_buffers, buffer => buffer != _current && buffer.IsFree);

    private void Free(NodeResult result) => (result.Slot is null ? _free : _freeShared).Push(result);

    private void TakeEarly()
    {
        foreach ((_, IReadOnlyList<TreeNode> nodes) in _early.Where(early => early.Step == _step))
            _work.AddRange(WorkItem.Split(_tree, nodes, _lanes));
        _early.RemoveAll(early => early.Step <= _step);
    }

    private NodeResult Add(NodeResult left, NodeResult right)
    {
        GradientSum.Add(left.Gradient.Span, right.Gradient.Span, left.Gradient.Span);
        left.Statistics += right.Statistics;
        Free(right);
        return left;
    }
}
