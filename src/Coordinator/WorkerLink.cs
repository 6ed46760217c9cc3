using Akka.Actor;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator;

/// <summary>
/// The coordinator's end of one worker's tensor stream: a thread that sends and a thread that receives.
/// Work is posted, never queued: newer weights replace older ones that were not sent yet, so a slow worker holds up nobody
/// and holds on to one buffer at most.
/// </summary>
internal sealed class WorkerLink : IDisposable
{
    private readonly TensorConnection _connection;
    private readonly CoordinatorContext _context;
    private readonly GradientPool _gradients;
    private readonly IActorRef _coordinator;
    private readonly IActorRef _parameterServer;
    private readonly object _mailbox = new();
    private readonly List<TreeNode> _reissued = [];
    private IReadOnlyList<TreeNode> _assigned = [];
    private bool _assignmentChanged;
    private WeightsVersion? _weights;
    private long _postedStep = -1;
    private string? _bye;
    private bool _closed;
    private int _lost;
    private long _computeStep = -1;
    private int _computeMicroseconds;

    public WorkerLink(
        WorkerId worker, TensorConnection connection, CoordinatorContext context, GradientPool gradients,
        IActorRef coordinator, IActorRef parameterServer)
    {
        Worker = worker;
        (_connection, _context, _gradients) = (connection, context, gradients);
        (_coordinator, _parameterServer) = (coordinator, parameterServer);
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
            if (_closed)
                return;
            if (!ReferenceEquals(nodes, _assigned))
                (_assigned, _assignmentChanged) = (nodes, true);
            _reissued.Clear();
            _weights?.Release();
            _weights = weights.Hold();
            _postedStep = weights.Step;
            Monitor.Pulse(_mailbox);
        }
    }

    /// <summary>More nodes of the step under way. A worker that joined within the step gets its weights first.</summary>
    public void PostReissue(WeightsVersion weights, IReadOnlyList<TreeNode> nodes)
    {
        if (_postedStep != weights.Step)
            PostWork(weights, []);
        lock (_mailbox)
        {
            _reissued.AddRange(nodes);
            Monitor.Pulse(_mailbox);
        }
    }

    /// <summary>Says good-bye after what is being sent, and closes.</summary>
    public void PostBye(string reason)
    {
        lock (_mailbox)
        {
            _bye = reason;
            Monitor.Pulse(_mailbox);
        }
    }

    /// <summary>The worker broke the protocol: says so and closes.</summary>
    public void Fail(string reason)
    {
        ReportLost(reason);
        PostBye(reason);
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
            Monitor.Pulse(_mailbox);
        }

        _connection.Dispose();
    }

    private void SendLoop()
    {
        try
        {
            _connection.Send(Header(FrameKind.RunSpec), RunSpecCodec.Encode(_context.Options.Spec));
            TrainingImages images = _context.Images.Value;
            DatasetTransfer.Send(_connection, _context.State.Run, _context.State.Term, images.Images, images.Sha256);
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
        string? bye;
        long step;
        lock (_mailbox)
        {
            while (_weights is null && _reissued.Count == 0 && _bye is null && !_closed)
                Monitor.Wait(_mailbox);
            if (_closed)
                return false;
            (weights, bye, step) = (_weights, _bye, _postedStep);
            _weights = null;
            if (_assignmentChanged)
                assigned = [.. _assigned];
            _assignmentChanged = false;
            if (_reissued.Count > 0)
                reissued = [.. _reissued];
            _reissued.Clear();
        }

        try
        {
            if (bye is not null)
            {
                _connection.SendBye(_context.State.Run, _context.State.Term, bye);
                return false;
            }

            if (assigned is not null)
                _connection.Send(Header(FrameKind.Assign, step), Assignment.Encode(AssignmentKind.FromThisStepOn, assigned));
            if (weights is not null)
                _connection.Send(Header(FrameKind.Weights, step), weights.Buffer.Bytes);
            if (reissued is not null)
                _connection.Send(Header(FrameKind.Assign, step), Assignment.Encode(AssignmentKind.InThisStepToo, reissued));
            return true;
        }
        finally
        {
            weights?.Release();
        }
    }

    private void ReceiveLoop()
    {
        try
        {
            while (true)
            {
                FrameHeader header = _connection.ReceiveHeader();
                switch (header.Kind)
                {
                    case FrameKind.Ready:
                        _coordinator.Tell(new LinkReady(Worker, _connection.ReceiveReason(header)));
                        break;
                    case FrameKind.Gradient:
                        ReceiveGradient(header);
                        break;
                    case FrameKind.Bye:
                        ReportLost(_connection.ReceiveReason(header));
                        return;
                    default:
                        ReportLost($"it sent a {header.Kind} frame, which only the coordinator sends");
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
        NodeGradient gradient = _gradients.Rent();
        try
        {
            _connection.ReceivePayload(header, gradient.Buffer.Bytes);
        }
        catch
        {
            _gradients.Return(gradient);
            throw;
        }

        gradient.Statistics = header.Statistics;
        _parameterServer.Tell(new NodeArrived(this, header.Step, TreeNode.FromKey(header.Node), header.ComputeMicroseconds, gradient));
    }

    private void ReportLost(string reason)
    {
        if (Interlocked.Exchange(ref _lost, 1) == 0)
            _coordinator.Tell(new LinkLost(Worker, reason));
    }

    private FrameHeader Header(FrameKind kind, long step = 0) =>
        new() { Kind = kind, Run = _context.State.Run, Term = _context.State.Term, Step = step };
}
