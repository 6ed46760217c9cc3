using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Worker.Lanes;

/// <summary>
/// The lanes of a worker. Each takes the next node of the current step, computes its gradient, adds it to its siblings up to the requested
/// node, and sends that. Drops work of a finished step. The first lane is the caller's thread, so that weights which it has received wake
/// no other; the others have threads of their own.
/// </summary>
internal sealed class LaneTeam : ILanes, IDisposable
{
    /// <summary>Sends a finished node. May be called by several lanes at once; the buffer is free again when it returns.</summary>
    /// <param name="step">Step of the weights it was computed with.</param>
    /// <param name="node">The requested node.</param>
    /// <param name="result">Gradient sum and statistics.</param>
    /// <param name="computeTime">Time since the weights arrived.</param>
    public delegate void SendNode(long step, TreeNode node, NodeResult result, TimeSpan computeTime);

    private readonly object _lock = new();
    private readonly RunSpec _spec;
    private readonly LaneWork _work;
    private readonly GradientLane _first;
    private readonly Thread[] _threads;
    private readonly SendNode _send;
    private readonly Action<Exception> _onFailure;
    private WorkItem? _preparedByFirst;
    private bool _stopped;

    public LaneTeam(int lanes, RunSpec spec, ParameterLayout layout, Examples trainingExamples, SendNode send, Action<Exception> onFailure)
    {
        _spec = spec;
        _send = send;
        _onFailure = onFailure;
        _work = new LaneWork(lanes, spec, layout, TimeProvider.System);
        var order = new ExampleOrder(spec);
        _first = new GradientLane(spec, layout, trainingExamples, order);
        _threads = new Thread[lanes - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            var lane = new GradientLane(spec, layout, trainingExamples, order);
            _threads[i] = new Thread(() => Run(lane)) { IsBackground = true, Name = $"lane {i + 1}" };
            _threads[i].Start();
        }
    }

    public WeightsBuffer TakeBuffer()
    {
        lock (_lock)
        {
            WeightsBuffer? buffer;
            while (!_work.TryTakeBuffer(out buffer))
                Monitor.Wait(_lock);
            return buffer;
        }
    }

    public void SetFrozen(ReadOnlySpan<float> values)
    {
        lock (_lock)
            _work.SetFrozen(values);
    }

    public void ShareGradients(IReadOnlyList<AlignedBuffer> slots)
    {
        lock (_lock)
            _work.ShareGradients(slots);
    }

    public void HaveExamples(long untilStep)
    {
        lock (_lock)
        {
            _work.HaveExamples(untilStep);
            Monitor.PulseAll(_lock);
        }
    }

    public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes)
    {
        lock (_lock)
        {
            _work.Begin(step, weights, nodes);
            Monitor.PulseAll(_lock);
        }
    }

    public void Extend(long step, IReadOnlyList<TreeNode> nodes)
    {
        lock (_lock)
        {
            _work.Extend(step, nodes);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// The first lane takes a node and computes it, or prepares one of the next step. False if there is nothing to do now.
    /// </summary>
    /// <remarks>One call at a time.</remarks>
    public bool TryRun()
    {
        LaneTask task;
        lock (_lock)
        {
            if (!_work.TryTake(_preparedByFirst, out task))
                return false;
        }

        Run(_first, task, ref _preparedByFirst);
        return true;
    }

    /// <summary>Ends the threads. A lane finishes its current node first.</summary>
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

    private void Run(GradientLane lane)
    {
        WorkItem? prepared = null;
        try
        {
            while (WaitForTask(prepared, out LaneTask task))
                Run(lane, task, ref prepared);
        }
        catch (Exception exception)
        {
            _onFailure(exception);
        }
    }

    private void Run(GradientLane lane, in LaneTask task, ref WorkItem? prepared)
    {
        if (task.Weights is null)
        {
            // Most likely this lane gets that node next. If not, only idle time was lost.
            lane.Prepare(task.Item.Node, BatchPosition.Of(_spec, task.Step));
            prepared = task.Item;
            return;
        }

        prepared = null;
        task.Result!.Statistics = lane.Compute(
            task.Item.Node, BatchPosition.Of(_spec, task.Step), task.Weights.Values.Span, task.Result.Gradient.Span);
        Finish(task);
    }

    private bool WaitForTask(WorkItem? prepared, out LaneTask task)
    {
        lock (_lock)
        {
            task = default;
            while (!_stopped && !_work.TryTake(prepared, out task))
                Monitor.Wait(_lock);
            return !_stopped;
        }
    }

    private void Finish(in LaneTask task)
    {
        NodeResult? finished;
        TimeSpan computeTime;
        lock (_lock)
        {
            finished = _work.Finish(task, out computeTime);
            if (task.Weights!.Readers == 0)
                Monitor.PulseAll(_lock);
        }

        if (finished is null)
            return;
        _send(task.Step, task.Item.SentAs, finished, computeTime);
        lock (_lock)
            _work.Sent(finished);
    }
}
