using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// The coordinator's end of one worker's tensor stream: sends what is posted and handles what is received. Blocks only on the stream
/// itself; other waiting is left to <see cref="LinkThreads"/>.
/// </summary>
internal sealed class WorkerLink : IDisposable
{
    private static readonly TimeSpan RefusalTimeout = TimeSpan.FromSeconds(1);

    private readonly FrameStream _stream;
    private readonly LinkContext _context;
    private readonly FrameOrigin _origin;
    private readonly TensorRuns _runs;
    private readonly LinkStart _start;
    private readonly TensorSender _tensors;
    private readonly Outbox _outbox;
    private readonly GradientFlow _flow = new();
    private DatasetTransfer? _transfer;
    private bool _isDataShared;
    private ITimer? _cutOff;
    private int _lost;
    private long _computeStep = -1;
    private int _computeMicroseconds;
    private int _timesLate;
    private int _reissued;

    /// <summary>A link over a stream that the worker has opened.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="stream">Its stream; the link closes it.</param>
    /// <param name="context">What all links share.</param>
    /// <param name="start">What the worker gets first.</param>
    public WorkerLink(WorkerId worker, FrameStream stream, LinkContext context, LinkStart start)
    {
        Worker = worker;
        _stream = stream;
        _context = context;
        _start = start;
        _origin = new FrameOrigin(context.State.Run, context.State.Term);
        _tensors = new TensorSender(stream, context, _origin);
        _runs = new TensorRuns(context.State.Layout);
        _outbox = new Outbox(context.Time);
        _stream.Limits = StreamLimits.For(context.State.Layout);
    }

    public WorkerId Worker { get; }

    public FrameStream Stream => _stream;

    public long BytesSent => _stream.BytesSent;

    public long BytesReceived => _stream.BytesReceived;

    /// <summary>Time the worker last took for its nodes of a step.</summary>
    public double StepMilliseconds => Volatile.Read(ref _computeMicroseconds) / 1000.0;

    /// <summary>Times that the worker was late, so that its nodes were requested from others too.</summary>
    public int TimesLate => Volatile.Read(ref _timesLate);

    /// <summary>Nodes that were requested from the worker because another one was lost, had left or was late.</summary>
    public int Reissued => Volatile.Read(ref _reissued);

    /// <summary>Posts the weights of a new step, and the nodes that the worker computes with them.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="nodes">The worker's nodes.</param>
    /// <param name="slices">The slices of the weights that it gets, if slices are exchanged; else null.</param>
    public void PostWork(WeightsVersion weights, IReadOnlyList<TreeNode> nodes, SliceShare? slices = null)
    {
        if (!_outbox.PostWork(weights, nodes, slices, _tensors.CanSendAtOnce(weights, slices)))
            return;
        try
        {
            _tensors.Send(weights, weights.Step, slices);
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
        }

        _outbox.Sent();
    }

    /// <summary>Posts more nodes of the current step. A worker that joined during the step gets its weights first.</summary>
    public void PostReissue(WeightsVersion weights, IReadOnlyList<TreeNode> nodes) => _outbox.PostReissue(weights, nodes);

    /// <summary>Asks where other workers reach this one. Answered by <see cref="SliceReachable"/>.</summary>
    public void AskForSliceAddress() => _outbox.PostControl(new ControlFrame(FrameKind.SliceAddress, []));

    /// <summary>Offers a plan. Answered by <see cref="SliceLinksChanged"/>.</summary>
    public void PostOffer(SliceOffer offer) => _outbox.PostControl(new ControlFrame(FrameKind.SlicePlan, offer.Encode()));

    /// <summary>Announces that the run, or the worker's part in it, is over. The worker closes the stream.</summary>
    public void PostBye(string reason) => _outbox.PostLast(new FinalFrame(FrameKind.Bye, reason));

    /// <summary>
    /// Announces that another coordinator continues the run. The worker closes the stream and looks for it.
    /// </summary>
    public void PostMoved(string reason) => _outbox.PostLast(new FinalFrame(FrameKind.Bye, reason, ByeReason.HandsOver));

    /// <summary>Sends the reason of a refusal and closes the stream, after one second at the latest.</summary>
    public void Refuse(string reason)
    {
        _outbox.PostLast(new FinalFrame(FrameKind.Refusal, reason));
        _cutOff = _context.Time.CreateTimer(static link => ((WorkerLink)link!).Dispose(), this, RefusalTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The worker broke the protocol; the coordinator refuses it.</summary>
    public void Fail(string reason) => ReportLost(reason, isFault: true);

    /// <summary>Frees a gradient that came by this link. Called by the parameter server only.</summary>
    public void Taken(NodeGradient gradient)
    {
        if (_flow.Taken(gradient, out FrameHeader next))
            _context.ParameterServer.Tell(Arrived(gradient, next));
    }

    /// <summary>Adds to the worker's time of a step. Called by the parameter server only.</summary>
    public void AddComputeTime(long step, int microseconds)
    {
        Volatile.Write(ref _computeMicroseconds, step == _computeStep ? Math.Max(_computeMicroseconds, microseconds) : microseconds);
        _computeStep = step;
    }

    /// <summary>Counts a time that the worker was late. Called by the parameter server only.</summary>
    public void CountLate() => Volatile.Write(ref _timesLate, _timesLate + 1);

    /// <summary>Counts nodes requested in another worker's place. Called by the parameter server only.</summary>
    public void CountReissued(int nodes) => Volatile.Write(ref _reissued, _reissued + nodes);

    public void Dispose()
    {
        _outbox.Close();
        _flow.Close();
        _cutOff?.Dispose();
        _stream.Dispose();
    }

    // For the threads, or the simulator in their place

    /// <summary>Called when <see cref="SendNext"/> has something to send. It must not block.</summary>
    public Action? Posted
    {
        get => _outbox.Posted;
        set => _outbox.Posted = value;
    }

    /// <summary>Whether the next frame may be received, because few enough gradients wait for the parameter server.</summary>
    public bool HasRoom => _flow.HasRoom;

    /// <summary>Blocks until <see cref="HasRoom"/>.</summary>
    public void WaitForRoom() => _flow.WaitForRoom();

    /// <summary>Blocks until <see cref="SendNext"/> has something to send. False once it never will have.</summary>
    public bool WaitForWork() => _outbox.Wait();

    /// <summary>
    /// Sends the run spec, and announces the examples. Must come first. <see cref="SendNext"/> sends the examples themselves. False if the
    /// stream has ended.
    /// </summary>
    public bool SendStart()
    {
        try
        {
            _stream.Send(Header(FrameKind.RunSpec), RunSpecCodec.Encode(_context.Spec));
            if (_context.State.Frozen is { Length: > 0 } frozen)
                _stream.Send(Header(FrameKind.Frozen), MemoryMarshal.AsBytes(frozen.Span));
            TrainingData data = _context.Data.Value;
            bool isHeld = _start.HeldData == data.Digest;
            SharedMemoryPlace? place = isHeld || !_stream.IsWithinMachine ? null : _context.SharedData.Value?.Place;
            var transfer = new DatasetTransfer(_stream, _origin, _context.Spec, data, _start.Data);
            _transfer = isHeld ? null : transfer;
            Volatile.Write(ref _isDataShared, place is not null);
            transfer.Announce(isHeld, place);
            if (!isHeld && place is null)
                _outbox.HasMore = true;
            return true;
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
            return false;
        }
    }

    /// <summary>
    /// Sends what is posted; otherwise a piece of the examples, as long as the worker needs more of them, or a ping after a second of
    /// silence. Blocks only on the stream. False if the stream has ended.
    /// </summary>
    public bool SendNext()
    {
        if (!_outbox.TryTake(out Outgoing outgoing))
            return !_outbox.IsClosed;
        try
        {
            Send(outgoing);
            return outgoing.Last is null;
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
            return false;
        }
        finally
        {
            outgoing.Weights?.Release();
            _outbox.Sent();
        }
    }

    /// <summary>Receives the next frame. False if the stream has ended.</summary>
    public bool ReceiveNext()
    {
        try
        {
            return OnFrame(_stream.ReceiveHeader());
        }
        catch (StreamException exception)
        {
            OnStreamEnded(exception.Problem);
            return false;
        }
    }

    /// <summary>
    /// Handles a received frame; requires <see cref="HasRoom"/>. Reads the payload from the stream. False if the stream has ended.
    /// </summary>
    /// <exception cref="StreamException">The stream ended, or the frame is not acceptable.</exception>
    public bool OnFrame(in FrameHeader header)
    {
        if (_origin.Objection(header) is { } objection)
        {
            ReportLost(objection);
            return false;
        }

        switch (header.Kind)
        {
            case FrameKind.Ready:
                _context.Coordinator.Tell(new LinkReady(Worker, _stream.ReceiveReason(header)));
                return true;
            case FrameKind.Data when Volatile.Read(ref _isDataShared):
                // The worker cannot reach the shared memory.
                Volatile.Write(ref _isDataShared, false);
                _stream.SkipPayload(header);
                _outbox.HasMore = true;
                return true;
            case FrameKind.Gradient:
                OnGradient(header);
                return true;
            case FrameKind.SharedMemory when _tensors.Accept():
                _stream.SkipPayload(header);
                return true;
            case FrameKind.SharedGradient when _tensors.IsSharing:
                OnSharedGradient(header);
                return true;
            case FrameKind.SliceGradient:
                if (_context.Gradients.Slices.Receive(Worker, _stream, header) is { } sum)
                    _context.ParameterServer.Tell(sum);
                return true;
            case FrameKind.SliceAddress:
                return OnSliceAddress(header);
            case FrameKind.SliceLinks:
                OnSliceLinks(header);
                return true;
            case FrameKind.Leaving:
                _context.Coordinator.Tell(new LinkLeaving(Worker, _stream.ReceiveReason(header)));
                return true;
            case FrameKind.Ping:
                if (header.ComputeMicroseconds > 0)
                    _context.ParameterServer.Tell(new StepTimed(Worker, header.Step, header.ComputeMicroseconds));
                return true;
            case FrameKind.Bye:
                ReportLost(_stream.ReceiveReason(header));
                return false;
            default:
                Fail($"it sent a {header.Kind} frame, which it may not send");
                return false;
        }
    }

    /// <summary>Handles the end of the stream. Nothing is sent any more.</summary>
    public void OnStreamEnded(string reason)
    {
        _outbox.Close();
        ReportLost(reason);
    }

    private void Send(in Outgoing outgoing)
    {
        if (outgoing.Last is { } last)
        {
            _stream.SendLast(last.Kind, _origin.Run, _origin.Term, last.Reason, last.ByeReason);
            if (last.Kind == FrameKind.Refusal)
                Dispose();
            return;
        }

        if (outgoing.IsEmpty)
            SendUnasked();
        if (outgoing.Assigned is { } assigned)
            _stream.Send(Header(FrameKind.Assign, outgoing.Step), Assignment.Encode(AssignmentKind.FromThisStepOn, assigned));
        if (outgoing.Control is { } control)
            _stream.Send(Header(control.Kind), control.Payload);
        if (outgoing.Weights is { } weights)
            _tensors.Send(weights, outgoing.Step, outgoing.Slices);
        if (outgoing.Reissued is { } reissued)
            _stream.Send(Header(FrameKind.Assign, outgoing.Step), Assignment.Encode(AssignmentKind.InThisStepToo, reissued));
    }

    private void SendUnasked()
    {
        if (_transfer is null || Volatile.Read(ref _isDataShared))
        {
            _stream.Send(Header(FrameKind.Ping), []);
        }
        else if (!_transfer.SendNext())
        {
            _transfer = null;
            _outbox.HasMore = false;
        }
    }

    private void OnGradient(in FrameHeader header)
    {
        NodeGradient gradient = _context.Gradients.Rent();
        try
        {
            _stream.ReceivePayload(header, gradient.Buffer.Span, _runs);
        }
        catch
        {
            _context.Gradients.Return(gradient);
            throw;
        }

        _flow.Enter();
        _context.ParameterServer.Tell(Arrived(gradient, header));
    }

    private void OnSharedGradient(in FrameHeader header)
    {
        NodeGradient gradient = _tensors.ReceiveSlot(header);
        // Receiving takes no time here, unlike a gradient in frames.
        if (_flow.TryEnter(gradient, header))
            _context.ParameterServer.TellAndRun(Arrived(gradient, header));
    }

    private bool OnSliceAddress(in FrameHeader header)
    {
        string text = _stream.ReceiveReason(header);
        if (SliceOffer.AddressOf(text) is not { } address)
        {
            Fail($"it says that other workers reach it at '{text}', which is no address");
            return false;
        }

        _context.ParameterServer.Tell(new SliceReachable(Worker, address));
        return true;
    }

    private void OnSliceLinks(in FrameHeader header)
    {
        byte[] payload = new byte[header.PayloadLength];
        _stream.ReceivePayload(header, payload);
        if (payload.Length is > 0 and < sizeof(int))
            throw new StreamException(
                StreamError.WrongLength, _stream.Peer, $"got a {header.Kind} frame of {payload.Length} bytes; expected none, or 4 and a reason.");
        WorkerId? unreachable = payload.Length == 0 ? null : new WorkerId(BinaryPrimitives.ReadInt32LittleEndian(payload));
        string problem = unreachable is null ? "" : FrameStream.ReasonOf(payload.AsSpan(sizeof(int)));
        _context.ParameterServer.Tell(new SliceLinksChanged(Worker, (int)Math.Min(header.Node, int.MaxValue), unreachable, problem));
    }

    private NodeArrived Arrived(NodeGradient gradient, in FrameHeader header)
    {
        gradient.Statistics = header.Statistics;
        return gradient.Arrived.With(this, header.Step, TreeNode.FromKey(header.Node), header.ComputeMicroseconds);
    }

    private void ReportLost(string reason, bool isFault = false)
    {
        if (Interlocked.Exchange(ref _lost, 1) == 0)
            _context.Coordinator.Tell(new LinkLost(Worker, reason, isFault));
    }

    private FrameHeader Header(FrameKind kind, long step = 0) => new() { Kind = kind, Run = _origin.Run, Term = _origin.Term, Step = step };
}
