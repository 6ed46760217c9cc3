using Akka.Actor;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator;

/// <summary>
/// The coordinator's end of one worker's tensor stream: a thread that sends and a thread that receives.
/// Work is posted, never queued: newer weights replace older ones that were not sent yet, so a slow worker holds up nobody
/// and holds on to one buffer at most. Received gradients are few as well: a worker that sends faster than they are added up waits.
/// </summary>
internal sealed class WorkerLink : IDisposable
{
    private const int MaxGradientsInFlight = 16;

    /// <summary>Nodes that a worker commonly sends in a step; one more goes through the stream.</summary>
    private const int SharedGradients = 4;

    private static readonly TimeSpan RefusalTimeout = TimeSpan.FromSeconds(1);

    private readonly TensorConnection _connection;
    private readonly CoordinatorContext _context;
    private readonly GradientPool _gradients;
    private readonly FrameOrigin _origin;
    private readonly TensorRuns _runs;
    private readonly IActorRef _coordinator;
    private readonly IActorRef _parameterServer;
    private readonly string _heldImages;
    private readonly object _mailbox = new();
    private readonly List<TreeNode> _reissued = [];
    private readonly HashSet<NodeGradient> _sharedInFlight = [];
    private IReadOnlyList<TreeNode> _assigned = [];
    private bool _assignmentChanged;
    private bool _frozenSent;
    private SharedMemory? _gradientMemory;
    private NodeGradient[] _shared = [];
    private bool _memoryOffered;
    private volatile bool _isSharing;
    private WeightsVersion? _weights;
    private long _postedStep = -1;
    private (FrameKind Kind, string Reason)? _last;
    private Timer? _cutOff;
    private int _gradientsInFlight;
    private bool _isSending;
    private bool _isReceiverWaiting;
    private bool _closed;
    private int _lost;
    private long _computeStep = -1;
    private int _computeMicroseconds;

    public WorkerLink(
        WorkerId worker, TensorConnection connection, CoordinatorContext context, GradientPool gradients,
        IActorRef coordinator, IActorRef parameterServer, string heldImages = "")
    {
        (Worker, _heldImages) = (worker, heldImages);
        (_connection, _context, _gradients) = (connection, context, gradients);
        (_coordinator, _parameterServer) = (coordinator, parameterServer);
        _origin = new FrameOrigin(context.State.Run, context.State.Term);
        _runs = new TensorRuns(context.State.Layout);
        _connection.Limits = StreamLimits.For(context.State.Layout);
    }

    public WorkerId Worker { get; }

    public long BytesSent => _connection.BytesSent;

    public long BytesReceived => _connection.BytesReceived;

    /// <summary>Time the worker last took for its nodes of a step.</summary>
    public double StepMilliseconds => Volatile.Read(ref _computeMicroseconds) / 1000.0;

    /// <summary>Sends run spec and data, then work as it is posted.</summary>
    public void Start()
    {
        new Thread(SendLoop) { IsBackground = true, Name = $"send {Worker}" }.Start();
        new Thread(ReceiveLoop) { IsBackground = true, Name = $"receive {Worker}" }.Start();
    }

    /// <summary>Weights of a new step, and the nodes that the worker computes with them.</summary>
    public void PostWork(WeightsVersion weights, IReadOnlyList<TreeNode> nodes)
    {
        lock (_mailbox)
        {
            if (_closed || _last is not null)
                return;
            if (!ReferenceEquals(nodes, _assigned))
                (_assigned, _assignmentChanged) = (nodes, true);
            _reissued.Clear();
            _weights?.Release();
            _weights = null;
            _postedStep = weights.Step;
            if (TryNameSlot(weights))
                return;
            _weights = weights.Hold();
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>
    /// Sends at once which slot has the weights, where nothing else is to be sent and the system takes these few bytes without waiting: to wake
    /// the sending thread for them would take longer.
    /// </summary>
    private bool TryNameSlot(WeightsVersion weights)
    {
        if (!_isSharing || weights.Slot is not { } slot || _isSending || _assignmentChanged || !_connection.CanSendAtOnce())
            return false;
        try
        {
            SharedTensors.SendSlot(_connection, Header(FrameKind.SharedWeights, weights.Step), slot);
        }
        catch (StreamException exception)
        {
            ReportLost(exception.Message);
        }

        return true;
    }

    /// <summary>More nodes of the step under way. A worker that joined within the step gets its weights first.</summary>
    public void PostReissue(WeightsVersion weights, IReadOnlyList<TreeNode> nodes)
    {
        if (_postedStep != weights.Step)
            PostWork(weights, []);
        lock (_mailbox)
        {
            _reissued.AddRange(nodes);
            Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Says that the run, or the worker's part in it, is over, after what is being sent. The worker closes the stream.</summary>
    public void PostBye(string reason) => PostLast(FrameKind.Bye, reason);

    public void PostMoved(string reason) => Dispose();

    /// <summary>Tells the worker why it is out, and closes the stream; at the latest when it did not listen for a second.</summary>
    public void Refuse(string reason)
    {
        PostLast(FrameKind.Refusal, reason);
        lock (_mailbox)
        {
            if (!_closed)
                _cutOff = new Timer(static link => ((WorkerLink)link!).Dispose(), this, RefusalTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The worker broke the protocol: the coordinator will refuse it.</summary>
    public void Fail(string reason) => ReportLost(reason, isFault: true);

    /// <summary>A gradient that came by this link is added up; the next may come. Called by the parameter server only.</summary>
    public void Taken(NodeGradient gradient)
    {
        lock (_mailbox)
        {
            _gradientsInFlight--;
            _sharedInFlight.Remove(gradient);
            if (_isReceiverWaiting)
                Monitor.PulseAll(_mailbox);
        }
    }

    /// <summary>Adds to the worker's time of a step. Called by the parameter server only.</summary>
    public void AddComputeTime(long step, int microseconds)
    {
        Volatile.Write(ref _computeMicroseconds, step == _computeStep ? Math.Max(_computeMicroseconds, microseconds) : microseconds);
        _computeStep = step;
    }

    public void Dispose()
    {
        lock (_mailbox)
        {
            _closed = true;
            _weights?.Release();
            _weights = null;
            _cutOff?.Dispose();
            Monitor.PulseAll(_mailbox);
        }

        _connection.Dispose();
    }

    private void PostLast(FrameKind kind, string reason)
    {
        lock (_mailbox)
        {
            _last = (kind, reason);
            Monitor.PulseAll(_mailbox);
        }
    }

    private void SendLoop()
    {
        try
        {
            _connection.Send(Header(FrameKind.RunSpec), RunSpecCodec.Encode(_context.Options.Spec));
            TrainingImages images = _context.Images.Value;
            DatasetTransfer.Send(_connection, _context.State.Run, _context.State.Term, images.Images, images.Digest, isHeld: _heldImages == images.Digest);
            while (SendNext())
            {
            }
        }
        catch (StreamException exception)
        {
            ReportLost(exception.Message);
        }
    }

    /// <summary>Waits for something to be posted and sends it. False when the link is closed.</summary>
    private bool SendNext()
    {
        WeightsVersion? weights;
        TreeNode[]? assigned = null, reissued = null;
        (FrameKind Kind, string Reason)? last;
        long step;
        lock (_mailbox)
        {
            while (_weights is null && _reissued.Count == 0 && _last is null && !_closed)
                Monitor.Wait(_mailbox);
            if (_closed)
                return false;
            (weights, last, step) = (_weights, _last, _postedStep);
            _weights = null;
            if (_assignmentChanged)
                assigned = [.. _assigned];
            _assignmentChanged = false;
            if (_reissued.Count > 0)
                reissued = [.. _reissued];
            _reissued.Clear();
            _isSending = true;
        }

        try
        {
            if (last is var (kind, reason))
            {
                _connection.SendLast(kind, _context.State.Run, _context.State.Term, reason);
                if (kind == FrameKind.Refusal)
                    Dispose();
                return false;
            }

            if (assigned is not null)
                _connection.Send(Header(FrameKind.Assign, step), Assignment.Encode(AssignmentKind.FromThisStepOn, assigned));
            if (weights is not null)
                SendWeights(weights, step);
            if (reissued is not null)
                _connection.Send(Header(FrameKind.Assign, step), Assignment.Encode(AssignmentKind.InThisStepToo, reissued));
            return true;
        }
        finally
        {
            weights?.Release();
            lock (_mailbox)
                _isSending = false;
        }
    }

    private void SendWeights(WeightsVersion weights, long step)
    {
        if (_isSharing && weights.Slot is { } slot)
        {
            SharedTensors.SendSlot(_connection, Header(FrameKind.SharedWeights, step), slot);
            return;
        }

        if (!_memoryOffered && weights.Memory is { } memory && _connection.IsWithinMachine)
            OfferMemory(memory);
        int trainable = _context.State.Layout.TrainableLength * sizeof(float);
        ReadOnlySpan<byte> bytes = weights.Buffer.Bytes;
        if (!_frozenSent && trainable < bytes.Length)
            _connection.Send(Header(FrameKind.Frozen), bytes[trainable..]);
        _frozenSent = true;
        _connection.SendSealed(weights.Seal(_connection, Header(FrameKind.Weights, step), bytes[..trainable]), bytes[..trainable]);
    }

    /// <summary>What the worker does not take up does no harm: nothing is read or written by it.</summary>
    private void OfferMemory(SharedMemory weights)
    {
        _memoryOffered = true;
        if (SharedMemory.TryCreate(SharedGradients, _context.State.Layout.TrainableLength, othersWrite: true) is not { } gradients)
            return;
        _shared = [.. Enumerable.Range(0, gradients.Slots).Select(slot => new NodeGradient(gradients[slot]))];
        Volatile.Write(ref _gradientMemory, gradients);
        _connection.Send(Header(FrameKind.SharedMemory), SharedTensors.Offer(weights, gradients));
    }

    private void ReceiveLoop()
    {
        try
        {
            while (true)
            {
                FrameHeader header = _connection.ReceiveHeader();
                if (_origin.Objection(header) is { } objection)
                {
                    ReportLost(objection);
                    return;
                }

                switch (header.Kind)
                {
                    case FrameKind.Ready:
                        _coordinator.Tell(new LinkReady(Worker, _connection.ReceiveReason(header)));
                        break;
                    case FrameKind.Gradient:
                        ReceiveGradient(header);
                        break;
                    case FrameKind.SharedMemory when Volatile.Read(ref _gradientMemory) is not null:
                        _connection.SkipPayload(header);
                        _isSharing = true;
                        break;
                    case FrameKind.SharedGradient when _isSharing:
                        ReceiveSharedGradient(header);
                        break;
                    case FrameKind.Leaving:
                        _coordinator.Tell(new LinkLeaving(Worker, _connection.ReceiveReason(header)));
                        break;
                    case FrameKind.Bye:
                        ReportLost(_connection.ReceiveReason(header));
                        return;
                    default:
                        Fail($"it sent a {header.Kind} frame, which it may not send");
                        return;
                }
            }
        }
        catch (StreamException exception)
        {
            ReportLost(exception.Message);
        }
    }

    private void ReceiveGradient(in FrameHeader header)
    {
        lock (_mailbox)
        {
            while (_gradientsInFlight == MaxGradientsInFlight && !_closed)
                WaitUntilTaken();
            _gradientsInFlight++;
        }

        NodeGradient gradient = _gradients.Rent();
        try
        {
            _connection.ReceivePayload(header, gradient.Buffer.Span, _runs);
        }
        catch
        {
            _gradients.Return(gradient);
            throw;
        }

        _parameterServer.Tell(Arrived(gradient, header));
    }

    private void ReceiveSharedGradient(in FrameHeader header)
    {
        NodeGradient gradient = _shared[SharedTensors.ReceiveSlot(_connection, header, _gradientMemory!.Slots)];
        lock (_mailbox)
        {
            // In the slot may be one more gradient of a step that is over, which the parameter server did not get to yet.
            while ((_gradientsInFlight == MaxGradientsInFlight || _sharedInFlight.Contains(gradient)) && !_closed)
                WaitUntilTaken();
            _gradientsInFlight++;
            _sharedInFlight.Add(gradient);
        }

        // There is nothing else to receive that would take time, as a gradient in frames does.
        ThreadsExecutor.TellAndRun(_parameterServer, Arrived(gradient, header));
    }

    /// <summary>Of the two threads that wait at the mailbox only this one cares for what was taken, and only now: to wake the other one costs it a processor.</summary>
    private void WaitUntilTaken()
    {
        _isReceiverWaiting = true;
        Monitor.Wait(_mailbox);
        _isReceiverWaiting = false;
    }

    private NodeArrived Arrived(NodeGradient gradient, in FrameHeader header)
    {
        gradient.Statistics = header.Statistics;
        return gradient.Arrived.With(this, header.Step, TreeNode.FromKey(header.Node), header.ComputeMicroseconds);
    }

    private void ReportLost(string reason, bool isFault = false)
    {
        if (Interlocked.Exchange(ref _lost, 1) == 0)
            _coordinator.Tell(new LinkLost(Worker, reason, isFault));
    }

    private FrameHeader Header(FrameKind kind, long step = 0) =>
        new() { Kind = kind, Run = _context.State.Run, Term = _context.State.Term, Step = step };
}
