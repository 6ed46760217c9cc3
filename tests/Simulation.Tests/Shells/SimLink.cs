using System.Runtime.InteropServices;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Shells;

/// <summary>What <c>WorkerLink</c> does, without its threads: a mailbox where newer weights replace older ones, and bounded gradients in flight.</summary>
internal sealed class SimLink
{
    private const int MaxGradientsInFlight = 16;

    // While the news goes from the link to the coordinator and on to the server, a step may begin.
    private const int MostStepsToLeave = 2;

    private readonly SimCoordinator _coordinator;
    private readonly StreamEnd _stream;
    private readonly FifoLine _toCoordinator = new();
    private readonly FifoLine _toServer;
    private readonly FrameOrigin _origin;
    private readonly List<TreeNode> _reissued = [];
    private readonly List<TreeNode> _owed = [];
    private readonly Queue<WeightsVersion> _queued = new();
    private readonly Queue<(FrameHeader Header, byte[] Payload)> _received = new();
    private readonly NodeGradient[] _shared;
    private readonly HashSet<NodeGradient> _sharedInFlight = [];
    private IReadOnlyList<TreeNode> _assigned = [];
    private bool _assignmentChanged;
    private WeightsVersion? _weights;
    private WeightsVersion? _sending;
    private long _postedStep = -1;
    private (FrameKind Kind, string Reason)? _last;
    private int _gradientsInFlight;
    private long _leavingAt = long.MaxValue - MostStepsToLeave;
    private bool _isSending;
    private bool _closed;
    private bool _lost;

    public SimLink(SimCoordinator coordinator, WorkerId worker, StreamEnd stream, FifoLine toServer)
    {
        (_coordinator, Worker, _stream, _toServer) = (coordinator, worker, stream, toServer);
        _origin = new FrameOrigin(coordinator.State.Run, coordinator.State.Term);
        _shared = [.. stream.SharedGradients.Select(slot => new NodeGradient(slot))];
        _stream.OnFrame = Receive;
        _stream.OnEnd = () => ReportLost("the peer closed it");
    }

    public WorkerId Worker { get; }

    /// <summary>Versions of weights that it holds: at most one that waits and one that is sent.</summary>
    public IEnumerable<WeightsVersion> WeightsHeld
    {
        get
        {
            if (_weights is not null)
                yield return _weights;
            if (_sending is not null)
                yield return _sending;
            foreach (WeightsVersion version in _queued)
                yield return version;
        }
    }

    public void Start()
    {
        _stream.Send(Header(FrameKind.RunSpec), TinyRun.EncodedSpec);
        Pulse();
    }

    public void PostWork(WeightsVersion weights, IReadOnlyList<TreeNode> nodes)
    {
        if (_closed || _last is not null)
            return;
        if (nodes.Count > 0 && weights.Step > _leavingAt + MostStepsToLeave)
            _coordinator.Sim.Violate($"Worker {Worker} wants to leave since step {_leavingAt}, and is asked for nodes of step {weights.Step}.");
        _owed.Clear();
        _owed.AddRange(nodes);
        if (!ReferenceEquals(nodes, _assigned))
            (_assigned, _assignmentChanged) = (nodes, true);
        _reissued.Clear();
        if (_coordinator.Has(Bug.QueueWeights) && _weights is not null)
            _queued.Enqueue(_weights);
        else
            _weights?.Release();
        _weights = weights.Hold();
        _postedStep = weights.Step;
        Pulse();
    }

    public void PostReissue(WeightsVersion weights, IReadOnlyList<TreeNode> nodes, bool isOwed = true)
    {
        if (_postedStep != weights.Step && !_coordinator.Has(Bug.ReissueWithoutWeights))
            PostWork(weights, []);
        _reissued.AddRange(nodes);
        if (isOwed)
            _owed.AddRange(nodes);
        Pulse();
    }

    /// <summary>Shards that the worker was asked for in this step, and that somebody waits for.</summary>
    public IEnumerable<int> Owes(long step) =>
        _postedStep != step ? [] : _owed.SelectMany(node => Enumerable.Range(node.FirstShard, TinyRun.Tree.Width(node)));

    /// <summary>Whether its worker wants to leave since steps, and nobody has told it anything.</summary>
    public bool IsKeptWaiting(long step) => _last is null && !_lost && step > _leavingAt + MostStepsToLeave;

    public void PostLast(FrameKind kind, string reason)
    {
        _last = (kind, reason);
        Pulse();
        if (kind == FrameKind.Refusal)
            _coordinator.Sim.Timeline.After(_coordinator.Process, Timeline.Second, Dispose);
    }

    public void Taken(NodeGradient gradient)
    {
        _gradientsInFlight--;
        _sharedInFlight.Remove(gradient);
        TakeGradients();
    }

    public void Fail(string reason) => ReportLost(reason);

    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        if (!_coordinator.Has(Bug.LeakWeights))
        {
            _weights?.Release();
            _weights = null;
        }

        _weights = null;
        _stream.Close();
    }

    public void Abandon(bool tellsPeer) => _stream.Abandon(tellsPeer);

    /// <summary>Wakes the sender: it takes what is posted when the frame before it is gone.</summary>
    private void Pulse()
    {
        if (_isSending || _closed)
            return;
        _isSending = true;
        _coordinator.Sim.Timeline.After(_coordinator.Process, _coordinator.Sim.Random.Next(5, 400), SendNext);
    }

    private void AwaitSent() => _coordinator.Sim.Timeline.After(_coordinator.Process, _coordinator.Sim.Random.Next(20, 300), () =>
    {
        if (_stream.IsFull && !_closed)
        {
            AwaitSent();
            return;
        }

        _sending?.Release();
        _sending = null;
        _isSending = false;
        if (_queued.TryDequeue(out WeightsVersion? older))
            older.Release();
        Pulse();
    });

    private void SendNext()
    {
        _isSending = false;
        if (_closed || (_weights is null && _reissued.Count == 0 && _last is null))
            return;
        if (_last is var (kind, reason))
        {
            _stream.Send(Header(kind), System.Text.Encoding.UTF8.GetBytes(reason));
            if (kind == FrameKind.Refusal)
                Dispose();
            return;
        }

        long step = _postedStep;
        if (_assignmentChanged)
            _stream.Send(Header(FrameKind.Assign, step), Assignment.Encode(AssignmentKind.FromThisStepOn, _assigned));
        _assignmentChanged = false;
        (_sending, _weights) = (_weights, null);
        if (_sending is not null && _shared.Length > 0)
            _stream.Send(Header(FrameKind.SharedWeights, step), BitConverter.GetBytes(_coordinator.SlotOf(_sending)));
        else if (_sending is not null)
            _stream.Send(Header(FrameKind.Weights, step), MemoryMarshal.AsBytes(_sending.Buffer.Span));
        if (_reissued.Count > 0)
            _stream.Send(Header(FrameKind.Assign, step), Assignment.Encode(AssignmentKind.InThisStepToo, _reissued));
        _reissued.Clear();
        _isSending = true;
        AwaitSent();
    }

    private void Receive(FrameHeader header, byte[] payload)
    {
        if (_closed)
            return;
        if (_origin.Objection(header) is { } objection)
        {
            _coordinator.Sim.Statistics.RefusedFrames++;
            ReportLost(objection);
            return;
        }

        switch (header.Kind)
        {
            case FrameKind.Ready:
                _coordinator.ToCoordinator(_toCoordinator, "LinkReady", () => _coordinator.OnLinkReady(Worker, System.Text.Encoding.UTF8.GetString(payload)));
                break;
            case FrameKind.Gradient or FrameKind.SharedGradient:
                _received.Enqueue((header, payload));
                TakeGradients();
                break;
            case FrameKind.Leaving:
                _leavingAt = _coordinator.Step;
                _coordinator.ToCoordinator(_toCoordinator, "LinkLeaving", () => _coordinator.OnLinkLeaving(Worker));
                break;
            case FrameKind.Bye:
                ReportLost("it left");
                break;
            default:
                ReportLost($"it sent a {header.Kind} frame, which only the coordinator sends");
                break;
        }
    }

    /// <summary>In the order in which they came, as far as there is room and the slots are free.</summary>
    private void TakeGradients()
    {
        while (_gradientsInFlight < MaxGradientsInFlight && _received.TryPeek(out (FrameHeader Header, byte[] Payload) next))
        {
            NodeGradient? shared = next.Header.Kind == FrameKind.SharedGradient ? _shared[BitConverter.ToInt32(next.Payload)] : null;
            if (shared is not null && !_sharedInFlight.Add(shared))
                return;
            _received.Dequeue();
            TakeGradient(next.Header, next.Payload, shared);
        }
    }

    private void TakeGradient(FrameHeader header, byte[] payload, NodeGradient? shared)
    {
        _gradientsInFlight++;
        NodeGradient gradient = shared ?? _coordinator.Gradients.Rent();
        if (shared is null)
            payload.CopyTo(gradient.Buffer.Bytes);
        gradient.Statistics = header.Statistics;
        if (shared is null)
            _coordinator.ArrivalsUnderWay++;
        _coordinator.ToServer(_toServer, "NodeArrived", () => _coordinator.OnNodeArrived(this, header, gradient));
    }

    private void ReportLost(string reason)
    {
        if (_lost)
            return;
        _lost = true;
        _coordinator.ToCoordinator(_toCoordinator, "LinkLost", () => _coordinator.OnLinkLost(Worker, reason));
    }

    private FrameHeader Header(FrameKind kind, long step = 0) => new() { Kind = kind, Run = _origin.Run, Term = _origin.Term, Step = step };
}
