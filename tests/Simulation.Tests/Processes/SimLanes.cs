using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;
using Lockstep.Worker.Lanes;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>
/// The lanes of a worker on virtual time: each takes a task of the product's <see cref="LaneWork"/>, and is done with it a while later.
/// </summary>
internal sealed class SimLanes : ILanes
{
    private const long ListenWithin = 500 * Timeline.Millisecond;

    private readonly SimWorker _worker;
    private readonly LaneWork _work;
    private readonly VirtualConnection _connection;
    private readonly LaneTeam.SendNode _send;
    private readonly WorkItem?[] _prepared;
    private readonly bool[] _isBusy;
    private readonly Queue<Action> _waiting = new();
    private readonly List<TreeNode> _owed = [];
    private readonly HashSet<WeightsBuffer> _taken = [];
    private bool _isStopped;

    public SimLanes(SimWorker worker, RunSpec spec, ParameterLayout layout, VirtualConnection connection, LaneTeam.SendNode send)
    {
        (_worker, _connection, _send) = (worker, connection, send);
        _work = new LaneWork(worker.Options.Lanes, spec, layout, worker.Clock);
        _prepared = new WorkItem?[worker.Options.Lanes];
        _isBusy = new bool[worker.Options.Lanes];
    }

    /// <summary>Whether weights can be received.</summary>
    public bool HasBuffer => _work.HasBuffer;

    /// <summary>The step under way.</summary>
    public long Step { get; private set; } = -1;

    /// <summary>Called when a buffer may be free.</summary>
    public Action Freed { get; set; } = () => { };

    /// <summary>Nodes of that step that were asked for as it began, and are not sent.</summary>
    public IReadOnlyList<TreeNode> Owed => _owed;

    private Simulation Sim => _worker.Sim;

    public WeightsBuffer TakeBuffer()
    {
        if (!_work.TryTakeBuffer(out WeightsBuffer? buffer))
            throw new InvalidOperationException("A worker would wait for a buffer.");
        _taken.Add(buffer);
        return buffer;
    }

    public void ReturnBuffer(WeightsBuffer buffer)
    {
        _taken.Remove(buffer);
        LaneWork.ReturnBuffer(buffer);
        Freed();
    }

    public void LeaveCaller()
    {
        // No lane of a simulation computes on it.
    }

    public void SetFrozen(ReadOnlySpan<float> values) => _work.SetFrozen(values);

    public void ShareGradients(IReadOnlyList<AlignedBuffer> slots) => _work.ShareGradients(slots);

    public void HaveExamples(long untilStep)
    {
        _work.HaveExamples(untilStep);
        StartLanes();
    }

    public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes)
    {
        if (_taken.Remove(weights) && !weights.Values.Span.SequenceEqual(_worker.Sim.Training.Weights(step)))
            Sim.Violate($"{_worker.Process} got other weights of step {step} than the fault-free run has.");
        if (nodes.Count > 0)
            CheckListenedTo();
        Step = step;
        _owed.Clear();
        _owed.AddRange(nodes);
        _work.Begin(step, weights, nodes);
        StartLanes();
    }

    public void Extend(long step, IReadOnlyList<TreeNode> nodes)
    {
        Sim.Statistics.Reissues++;
        _work.Extend(step, nodes);
        StartLanes();
    }

    /// <summary>The stream takes frames again.</summary>
    public void OnRoom()
    {
        while (_connection.CanSendAtOnce() && _waiting.TryDequeue(out Action? send))
            send();
    }

    public void Stop() => _isStopped = true;

    /// <summary>Who wants to leave is asked for nothing more, soon after it has said so.</summary>
    private void CheckListenedTo()
    {
        if (_worker.IsGone && Sim.Timeline.Now - Math.Max(_worker.LeavingSince, Sim.QuietFrom) > ListenWithin
            && Sim.Network.IsOpenBothWays(_worker.Host, _connection.PeerHost))
            Sim.Violate($"{_worker.Process} said {ListenWithin / Timeline.Millisecond} ms ago that it leaves, and is asked for more.");
    }

    private void StartLanes()
    {
        for (int lane = 0; lane < _isBusy.Length && !_isStopped; lane++)
        {
            if (!_isBusy[lane])
                StartLane(lane);
        }
    }

    private void StartLane(int lane)
    {
        if (!_work.TryTake(_prepared[lane], out LaneTask task))
            return;
        _isBusy[lane] = true;
        long time = _worker.ShardTime * TinyRun.Tree.Width(task.Item.Node);
        if (task.Weights is not { } weights)
        {
            After(time / 10, () =>
            {
                _prepared[lane] = task.Item;
                _isBusy[lane] = false;
                StartLane(lane);
            });
            return;
        }

        _prepared[lane] = null;
        // A lane reads weights, and writes its gradient, from its beginning to its end: half of each is taken now, half then.
        float[] read = weights.Values.Span.ToArray();
        task.Result!.Gradient.Span.Fill(float.NaN);
        After(time, () =>
        {
            weights.Values.Span[(read.Length / 2)..].CopyTo(read.AsSpan(read.Length / 2));
            Finish(lane, task, read);
        });
    }

    private void Finish(int lane, LaneTask task, float[] read)
    {
        SimGradient gradient = _worker.Sim.Training.Gradient(task.Step, task.Item.Node, read);
        if (!read.AsSpan().SequenceEqual(_worker.Sim.Training.Weights(task.Step)))
            Sim.Statistics.TornResults++;
        gradient.Values.CopyTo(task.Result!.Gradient.Span);
        task.Result.Statistics = gradient.Statistics;
        NodeResult? finished = _work.Finish(task, out TimeSpan computeTime);
        Freed();
        if (_isStopped)
            return;
        if (finished is null)
        {
            Free(lane);
            return;
        }

        _waiting.Enqueue(() => Send(lane, task, finished, computeTime));
        OnRoom();
    }

    private void Send(int lane, LaneTask task, NodeResult finished, TimeSpan computeTime)
    {
        bool isKept;
        try
        {
            isKept = _send(task.Step, task.Item.SentAs, finished, computeTime);
        }
        catch (StreamException)
        {
            // The failure is noticed where frames are received.
            return;
        }

        if (task.Step == Step)
            _owed.Remove(task.Item.SentAs);
        _work.Sent(finished, isKept);
        Free(lane);
    }

    private void Free(int lane)
    {
        _isBusy[lane] = false;
        StartLane(lane);
    }

    private void After(long delay, Action act) => Sim.Timeline.After(_worker.Process, delay, () =>
    {
        if (!_isStopped)
            act();
    });
}
