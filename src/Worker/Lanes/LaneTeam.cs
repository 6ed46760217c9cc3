using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Worker.Lanes;

/// <summary>
/// The lanes of a worker. Each takes the next node of the current step, computes its gradient, adds it to its siblings up to the requested
/// node, and sends that. Drops work of a finished step. Each lane has a thread, or the first one is the caller's, so that weights which it
/// has received wake no other.
/// </summary>
internal sealed class LaneTeam : ILanes, IDisposable
{
    /// <summary>Sends a finished node. May be called by several lanes at once.</summary>
    /// <param name="step">Step of the weights it was computed with.</param>
    /// <param name="node">The requested node.</param>
    /// <param name="result">Gradient sum and statistics.</param>
    /// <param name="computeTime">Time since the weights arrived.</param>
    /// <returns>Whether its buffer is read until the next step begins; else it is free again.</returns>
    public delegate bool SendNode(long step, TreeNode node, NodeResult result, TimeSpan computeTime);

    private readonly object _lock = new();
    private readonly RunSpec _spec;
    private readonly LaneWork _work;
    private readonly List<Thread> _threads = [];
    private readonly SendNode _send;
    private readonly Action<Exception> _onFailure;
    private GradientLane? _first;
    private WorkItem? _preparedByFirst;
    private bool _stopped;

    /// <summary>Starts the threads.</summary>
    /// <param name="lanes">Number of lanes.</param>
    /// <param name="spec">The run.</param>
    /// <param name="layout">Layout of its model.</param>
    /// <param name="trainingExamples">The examples.</param>
    /// <param name="send">Sends a finished node.</param>
    /// <param name="onFailure">Told of a failure of a lane that has a thread.</param>
    /// <param name="firstIsCaller">Whether the first lane computes in <see cref="TryRun"/>.</param>
    public LaneTeam(
        int lanes, RunSpec spec, ParameterLayout layout, Examples trainingExamples, SendNode send, Action<Exception> onFailure,
        bool firstIsCaller)
    {
        _spec = spec;
        _send = send;
        _onFailure = onFailure;
        _work = new LaneWork(lanes, spec, layout, TimeProvider.System);
        var order = new ExampleOrder(spec);
        _first = firstIsCaller ? new GradientLane(spec, layout, trainingExamples, order) : null;
        if (firstIsCaller)
            LaneThread.Begin();
        foreach (WeightsBuffer buffer in _work.Buffers)
            buffer.Sent = Pulse;
        for (int i = firstIsCaller ? 1 : 0; i < lanes; i++)
            Start(new GradientLane(spec, layout, trainingExamples, order), i);
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

    public void ReturnBuffer(WeightsBuffer buffer)
    {
        lock (_lock)
        {
            LaneWork.ReturnBuffer(buffer);
            Monitor.PulseAll(_lock);
        }
    }

    public void LeaveCaller()
    {
        GradientLane? first;
        lock (_lock)
            (first, _first) = (_first, null);
        if (first is not null)
            Start(first, 0);
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
    /// The caller's lane takes a node and computes it, or prepares one of the next step. False if there is nothing to do now, or no such
    /// lane.
    /// </summary>
    /// <remarks>One call at a time.</remarks>
    public bool TryRun()
    {
        LaneTask task;
        GradientLane? first;
        lock (_lock)
        {
            first = _first;
            if (first is null || !_work.TryTake(_preparedByFirst, out task))
                return false;
        }

        Run(first, task, ref _preparedByFirst);
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

    private void Start(GradientLane lane, int number)
    {
        var thread = new Thread(() => Run(lane)) { IsBackground = true, Name = $"lane {number}" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Pulse()
    {
        lock (_lock)
            Monitor.PulseAll(_lock);
    }

    private void Run(GradientLane lane)
    {
        WorkItem? prepared = null;
        LaneThread.Begin();
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
        bool isKept = _send(task.Step, task.Item.SentAs, finished, computeTime);
        lock (_lock)
            _work.Sent(finished, isKept);
    }
}
