using System.Diagnostics;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Worker;

/// <summary>
/// The compute threads of a worker. Each takes the next node of the current step, computes its gradient, adds it up with its
/// siblings as far as the node that was asked for, and hands that over. Work of a step that is over is dropped.
/// </summary>
internal sealed class LaneTeam : IDisposable
{
    /// <summary>Sends a finished node. Several lanes may call it at a time; the buffer is free again when it returns.</summary>
    /// <param name="step">Step of the weights it was computed with.</param>
    /// <param name="node">The node that was asked for.</param>
    /// <param name="result">Gradient sum and statistics.</param>
    /// <param name="computeTime">Since the weights were there.</param>
    public delegate void SendNode(long step, TreeNode node, NodeResult result, TimeSpan computeTime);

    private readonly object _lock = new();
    private readonly RunSpec _spec;
    private readonly ReductionTree _tree;
    private readonly TreeReduction<NodeResult> _reduction;
    private readonly Stack<NodeResult> _free = [];
    private readonly Stack<NodeResult> _freeShared = [];
    private readonly List<NodeResult> _handedOver = [];
    private readonly List<WorkItem> _work = [];
    private readonly Queue<WorkItem> _ahead = new();
    private readonly WeightsBuffer[] _buffers;
    private readonly Thread[] _threads;
    private readonly SendNode _send;
    private readonly Action<Exception> _onFailure;
    private readonly int _length;
    private IReadOnlyList<TreeNode> _assigned = [];
    private List<WorkItem> _assignedWork = [];
    private WeightsBuffer? _current;
    private long _step = -1;
    private long _begun;
    private bool _stopped;

    public LaneTeam(int lanes, RunSpec spec, ParameterLayout layout, ImageSet trainingImages, SendNode send, Action<Exception> onFailure)
    {
        (_spec, _send, _onFailure, _length) = (spec, send, onFailure, layout.TrainableLength);
        _tree = new ReductionTree(spec.Shards);
        _reduction = new TreeReduction<NodeResult>(_tree, Add, Free);
        // One that is current, one that is received, and those that lanes have not yet let go of: in practice one.
        _buffers = [.. Enumerable.Range(0, 3).Select(_ => new WeightsBuffer(new AlignedBuffer(layout.Length)))];
        var order = new ExampleOrder(spec);
        _threads = new Thread[lanes];
        for (int i = 0; i < lanes; i++)
        {
            var lane = new GradientLane(spec, layout, trainingImages, order);
            _threads[i] = new Thread(() => Run(lane)) { IsBackground = true, Name = $"lane {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>A buffer to receive the next weights into, once no lane reads it.</summary>
    public WeightsBuffer TakeBuffer()
    {
        lock (_lock)
        {
            while (true)
            {
                foreach (WeightsBuffer buffer in _buffers)
                {
                    if (buffer != _current && buffer.Readers == 0)
                        return buffer;
                }

                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>Before the first step: the frozen part of the weights, which stays.</summary>
    public void SetFrozen(ReadOnlySpan<float> values)
    {
        lock (_lock)
        {
            foreach (WeightsBuffer buffer in _buffers)
                values.CopyTo(buffer.Values.Span[_length..]);
        }
    }

    /// <summary>From now on, what is sent is computed in these slots of memory that the coordinator reads, as far as they suffice.</summary>
    public void ShareGradients(IReadOnlyList<AlignedBuffer> slots)
    {
        lock (_lock)
        {
            for (int i = 0; i < slots.Count; i++)
                _freeShared.Push(new NodeResult(slots[i], i));
        }
    }

    /// <summary>A step begins: what is left of the one before is dropped, and what was handed over in shared memory is added up.</summary>
    public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes)
    {
        lock (_lock)
        {
            _work.Clear();
            _reduction.Clear();
            foreach (NodeResult result in _handedOver)
                _freeShared.Push(result);
            _handedOver.Clear();
            (_current, _step) = (weights, step);
            _begun = Stopwatch.GetTimestamp();
            if (!ReferenceEquals(nodes, _assigned))
                (_assigned, _assignedWork) = (nodes, WorkItem.Split(_tree, nodes, _threads.Length));
            Enqueue(_assignedWork);
            _ahead.Clear();
            if (step + 1 < _spec.TotalSteps)
            {
                foreach (WorkItem item in _assignedWork)
                    _ahead.Enqueue(item);
            }
        }
    }

    /// <summary>More nodes of the current step. Ignored when that step is over.</summary>
    public void Extend(long step, IReadOnlyList<TreeNode> nodes)
    {
        lock (_lock)
        {
            if (_step == step)
                Enqueue(WorkItem.Split(_tree, nodes, _threads.Length));
        }
    }

    /// <summary>Ends the threads; a lane finishes the node it is at.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }

        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Enqueue(List<WorkItem> items)
    {
        _work.AddRange(items);
        Monitor.PulseAll(_lock);
    }

    private void Run(GradientLane lane)
    {
        WorkItem? prepared = null;
        try
        {
            while (Take(prepared) is (var step, var item, var weights, var result))
            {
                if (weights is null)
                {
                    // Most likely this lane is asked for it next; if not, only time is lost that it had.
                    lane.Prepare(item.Node, BatchPosition.Of(_spec, step));
                    prepared = item;
                    continue;
                }

                prepared = null;
                result!.Statistics = lane.Compute(item.Node, BatchPosition.Of(_spec, step), weights.Values.Span, result.Gradient.Span);
                Finish(step, item, weights, result);
            }
        }
        catch (Exception exception)
        {
            _onFailure(exception);
        }
    }

    /// <summary>
    /// Waits for work. What the lane has prepared it takes before other work; where there is none, and it has prepared nothing, it gets, without
    /// weights, something to prepare for the next step.
    /// </summary>
    private (long Step, WorkItem Item, WeightsBuffer? Weights, NodeResult? Result)? Take(WorkItem? prepared)
    {
        lock (_lock)
        {
            while (_work.Count == 0 && !_stopped)
            {
                if (prepared is null && _ahead.TryDequeue(out WorkItem next))
                    return (_step + 1, next, null, null);
                Monitor.Wait(_lock);
            }

            if (_stopped)
                return null;
            _current!.Readers++;
            int place = prepared is { } own ? Math.Max(0, _work.IndexOf(own)) : 0;
            WorkItem item = _work[place];
            _work.RemoveAt(place);
            if (!item.IsFirst || !_freeShared.TryPop(out NodeResult? result))
                result = _free.TryPop(out NodeResult? free) ? free : new NodeResult(new AlignedBuffer(_length));
            return (_step, item, _current, result);
        }
    }

    private void Finish(long step, WorkItem item, WeightsBuffer weights, NodeResult result)
    {
        NodeResult? finished = null;
        lock (_lock)
        {
            if (--weights.Readers == 0)
                Monitor.PulseAll(_lock);
            if (step != _step)
            {
                Free(result);
                return;
            }

            if (_reduction.Accept(item.Node, result, item.SentAs))
                finished = _reduction.Take(item.SentAs);
            if (finished?.Slot is not null)
                _handedOver.Add(finished);
        }

        if (finished is null)
            return;
        _send(step, item.SentAs, finished, Stopwatch.GetElapsedTime(_begun));
        if (finished.Slot is not null)
            return;
        lock (_lock)
            Free(finished);
    }

    private void Free(NodeResult result) => (result.Slot is null ? _free : _freeShared).Push(result);

    private NodeResult Add(NodeResult left, NodeResult right)
    {
        GradientSum.Add(left.Gradient.Span, right.Gradient.Span, left.Gradient.Span);
        left.Statistics += right.Statistics;
        Free(right);
        return left;
    }
}
