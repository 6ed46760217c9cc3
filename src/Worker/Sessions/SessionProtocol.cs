using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;
using Lockstep.Worker.Slices;

namespace Lockstep.Worker.Sessions;

/// <summary>
/// A worker's end of one tensor stream, frame by frame: run spec and data, then weights and assignments, until the final frame. Blocks only
/// on the stream and on a free buffer of its lanes.
/// </summary>
internal sealed class SessionProtocol : IDisposable
{
    private static readonly TimeSpan ByeTimeout = TimeSpan.FromSeconds(1);

    private readonly FrameStream _stream;
    private readonly FrameOrigin _origin;
    private readonly HeldData _held;
    private readonly WorkerMeter _meter;
    private readonly Func<ModelSpec, string> _fingerprint;
    private readonly Func<RunSpec, ParameterLayout, Examples, ILanes> _startLanes;
    private readonly IMateNetwork? _network;
    private readonly object _sending = new();
    private RunSpec? _spec;
    private DatasetReceiver _data = null!;
    private ParameterLayout _layout = null!;
    private ReductionTree _tree = null!;
    private TensorRuns _runs = null!;
    private ILanes? _lanes;
    private IReadOnlyList<TreeNode> _assigned = [];
    private WeightsBuffer[] _shared = [];
    private float[] _frozen = [];
    private SliceExchange? _exchange;
    private SliceMates? _mates;
    private volatile bool _isReady;

    /// <summary>A session over a stream that the coordinator has accepted.</summary>
    /// <param name="stream">The stream; nothing of the run has been received yet.</param>
    /// <param name="origin">The offered run and term.</param>
    /// <param name="held">Examples of an earlier session.</param>
    /// <param name="meter">The worker's metrics.</param>
    /// <param name="fingerprint">Computes this machine's numerics fingerprint for a model.</param>
    /// <param name="startLanes">Called once, when spec and data are there.</param>
    /// <param name="network">Connections to other workers; null for none.</param>
    public SessionProtocol(
        FrameStream stream, FrameOrigin origin, HeldData held, WorkerMeter meter, Func<ModelSpec, string> fingerprint,
        Func<RunSpec, ParameterLayout, Examples, ILanes> startLanes, IMateNetwork? network = null)
    {
        _network = network;
        _stream = stream;
        _origin = origin;
        _held = held;
        _meter = meter;
        _fingerprint = fingerprint;
        _startLanes = startLanes;
        Joined = new JoinedRun(origin.Run.ToString("x16", CultureInfo.InvariantCulture), origin.Term);
    }

    /// <summary>Whether the coordinator may request nodes, so that this worker must ask before it leaves.</summary>
    public bool IsReady => _isReady;

    /// <summary>The run, for this worker's status.</summary>
    public JoinedRun Joined { get; }

    /// <summary>Whether a frame of weights can be received without waiting for a buffer of the lanes.</summary>
    public bool CanReceive(in FrameHeader header, bool hasBuffer) => hasBuffer || _lanes is null || header.Kind switch
    {
        FrameKind.Weights => false,
        FrameKind.SliceWeights => _exchange?.CanReceive(header.Step) == true,
        _ => true,
    };

    /// <summary>The result of the session, after <see cref="OnFrame"/> has returned false.</summary>
    public WorkerResult? Result { get; private set; }

    /// <summary>The result of a session whose stream failed.</summary>
    public static WorkerResult ResultOf(StreamException exception) => exception.Error is StreamError.Refused or StreamError.Unproven
        ? new WorkerResult(WorkerOutcome.Refused, exception.Problem)
        : new WorkerResult(WorkerOutcome.Disconnected, $"The coordinator is lost: {exception.Problem}");

    /// <summary>Handles a received frame and reads its payload. False if the session has ended; see <see cref="Result"/>.</summary>
    /// <exception cref="StreamException">The stream ended, the coordinator refused this worker, or the frame is not acceptable.</exception>
    public bool OnFrame(in FrameHeader header)
    {
        if (header.Kind == FrameKind.Refusal)
            throw Failure(StreamError.Refused, _stream.ReceiveReason(header));
        if (header.Kind == FrameKind.Bye)
            return OnBye(header);
        if (_origin.Objection(header) is { } objection)
            throw Failure(StreamError.BadContent, $"{objection}.");
        if (header.Kind == FrameKind.Ping)
            OnPing();
        else if (_spec is not null && header.Kind == FrameKind.Data)
            OnData(header, _spec);
        else if (_spec is not null && _lanes is null && header.Kind == FrameKind.Frozen)
            OnFrozen(header);
        else if (_lanes is not null)
            OnFrameOfStep(header, _lanes);
        else if (_spec is null && header.Kind == FrameKind.RunSpec)
            OnRunSpec(header);
        else
            throw Failure(
                StreamError.UnexpectedKind, $"got a {header.Kind} frame, expected {(_spec is null ? FrameKind.RunSpec : FrameKind.Data)}.");
        return true;
    }

    /// <summary>Sends a computed node, to the coordinator or in slices to other workers. Thread-safe.</summary>
    /// <returns>Whether its buffer is read until the next step begins.</returns>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public bool SendNode(long step, TreeNode node, NodeResult result, TimeSpan computeTime)
    {
        _meter.NodeComputed(result.Statistics.Examples);
        if (_exchange?.TryAddOwn(step, new OwnNode(node, result, computeTime)) == true)
            return true;
        SendToCoordinator(step, node, result, computeTime);
        return false;
    }

    private void SendToCoordinator(long step, TreeNode node, NodeResult result, TimeSpan computeTime)
    {
        FrameHeader gradient = Header(FrameKind.Gradient) with
        {
            Step = step,
            Node = node.ToKey(),
            Statistics = result.Statistics,
            ComputeMicroseconds = FrameHeader.MicrosecondsOf(computeTime),
        };
        lock (_sending)
        {
            if (result.Slot is { } slot)
                SharedTensors.SendSlot(_stream, gradient with { Kind = FrameKind.SharedGradient }, slot);
            else
                _stream.Send(gradient, result.Gradient.Span, _runs);
        }
    }

    /// <summary>Asks the coordinator for permission to leave; requests are answered until then.</summary>
    public void AskToLeave(string reason)
    {
        try
        {
            Send(Header(FrameKind.Leaving), Encoding.UTF8.GetBytes(reason));
        }
        catch (StreamException)
        {
            // The stream is ending anyway.
        }
    }

    /// <summary>Sends the reason, if still possible, and ends the stream.</summary>
    /// <param name="reason">Text for people.</param>
    /// <param name="term">Term of the coordinator that leads instead; null for that of this session.</param>
    public void Leave(string reason, int? term = null)
    {
        // A lane may be blocked in sending to a coordinator that does not read. It notices the end of the stream too.
        if (Monitor.TryEnter(_sending, ByeTimeout))
        {
            try
            {
                _stream.SendLast(FrameKind.Bye, _origin.Run, term ?? _origin.Term, reason);
            }
            catch (StreamException)
            {
            }
            finally
            {
                Monitor.Exit(_sending);
            }
        }

        _stream.Dispose();
    }

    /// <summary>Ends the connections to other workers.</summary>
    public void Dispose() => _mates?.Dispose();

    private bool OnBye(in FrameHeader header)
    {
        string reason = _stream.ReceiveReason(header);
        if (_lanes is null)
            throw Failure(StreamError.EndOfStream, reason);
        Result = header.Node == (uint)ByeReason.HandsOver
            ? new WorkerResult(WorkerOutcome.Disconnected, $"Another coordinator continues the run: {reason}")
            : new WorkerResult(WorkerOutcome.Completed, reason);
        return false;
    }

    private void OnRunSpec(in FrameHeader header)
    {
        _spec = RunSpecCodec.Decode(ReceiveBytes(header));
        _layout = new ParameterLayout(_spec.Model);
        _tree = new ReductionTree(_spec.Shards);
        _runs = new TensorRuns(_layout);
        _stream.Limits = StreamLimits.For(_layout);
        _data = new DatasetReceiver(_spec, _origin.Run, () => Send(Header(FrameKind.Data), []), _held.Current);
    }

    private void OnData(in FrameHeader header, RunSpec spec)
    {
        _data.OnFrame(_stream, header);
        if (_data.Received is { } all)
            _held.Current = all;
        _lanes?.HaveExamples(_data.StepsArrived);
        if (_lanes is not null || !_data.CanBegin)
            return;
        _lanes = _startLanes(spec, _layout, _data.Examples!);
        if (_frozen.Length > 0)
            _lanes.SetFrozen(_frozen);
        _lanes.HaveExamples(_data.StepsArrived);
        Send(Header(FrameKind.Ready), Encoding.UTF8.GetBytes(_fingerprint(spec.Model)));
        _isReady = true;
        _meter.Joined(Joined);
    }

    private void OnFrozen(in FrameHeader header)
    {
        _frozen = new float[_layout.Length - _layout.TrainableLength];
        _stream.ReceivePayload(header, MemoryMarshal.AsBytes(_frozen.AsSpan()));
    }

    /// <summary>A worker that exchanges slices with others only tells the coordinator so how fast it is.</summary>
    private void OnPing()
    {
        if (_exchange?.TakeMeasured() is var (step, time))
            Send(Header(FrameKind.Ping) with { Step = step, ComputeMicroseconds = FrameHeader.MicrosecondsOf(time) }, []);
    }

    private void OnFrameOfStep(in FrameHeader header, ILanes lanes)
    {
        switch (header.Kind)
        {
            case FrameKind.Assign:
                (AssignmentKind kind, IReadOnlyList<TreeNode> nodes) = Assignment.Receive(_stream, header, _tree);
                if (kind == AssignmentKind.FromThisStepOn)
                    _assigned = nodes;
                else
                    lanes.Extend(header.Step, nodes);
                break;
            case FrameKind.Weights or FrameKind.SharedWeights when _exchange?.GoDirect(header.Step) is { } own:
                _stream.SkipPayload(header);
                foreach (OwnNode node in own)
                    SendToCoordinator(header.Step, node.Node, node.Result, node.ComputeTime);
                break;
            case FrameKind.Weights:
                WeightsBuffer weights = lanes.TakeBuffer();
                _stream.ReceivePayload(header, weights.Values.Bytes[..(_layout.TrainableLength * sizeof(float))]);
                Begin(header.Step, weights, lanes);
                break;
            case FrameKind.SharedMemory:
                if (SharedTensors.TryOpen(ReceiveBytes(header), _stream.Peer, _layout) is not { } tensors)
                    break;
                _shared = [.. tensors.Weights.Select(values => new WeightsBuffer(values))];
                Send(Header(FrameKind.SharedMemory), []);
                lanes.ShareGradients(tensors.Gradients);
                break;
            case FrameKind.SharedWeights:
                Begin(header.Step, _shared[SharedTensors.ReceiveSlot(_stream, header, _shared.Length)], lanes);
                break;
            case FrameKind.SliceAddress:
                _stream.SkipPayload(header);
                if (_network is not null && _exchange is null)
                    BeginSlices(_network, lanes);
                break;
            case FrameKind.SlicePlan when _mates is not null:
                OnSlicePlan(header, _exchange!, _mates);
                break;
            case FrameKind.SliceWeights when _exchange is not null:
                _exchange.ReceiveWeights(_stream, header, from: null);
                break;
            default:
                throw Failure(StreamError.UnexpectedKind, $"got a {header.Kind} frame, which only workers send.");
        }
    }

    private void BeginSlices(IMateNetwork network, ILanes lanes)
    {
        _exchange = new SliceExchange(
            _tree, _layout.TrainableLength, lanes,
            (sum, time) =>
            {
                lock (_sending)
                    sum.Send(_stream, _origin, time);
            })
        {
            Post = (worker, slice) => _mates!.Post(worker, slice),
            ExamplesOf = (step, node) => BatchPosition.Of(_spec!, step).ExamplesOf(node, _tree),
            Begun = _meter.StepBegun,
        };
        _mates = new SliceMates(_origin, network, _exchange, TellOfLinks);
        lanes.LeaveCaller();
        Send(Header(FrameKind.SliceAddress), Encoding.UTF8.GetBytes($"{_mates.Listen()}"));
    }

    private void OnSlicePlan(in FrameHeader header, SliceExchange exchange, SliceMates mates)
    {
        SliceOffer offer;
        try
        {
            offer = SliceOffer.Decode(ReceiveBytes(header), _tree);
        }
        catch (FormatException e)
        {
            throw Failure(StreamError.BadContent, e.Message);
        }

        var plan = new SlicePlan(_layout.TrainableLength, _tree, [.. offer.Workers.Select(worker => worker.Nodes)], offer.Rows);
        var place = new SlicePlace(offer.Number, plan, offer.Place, [.. offer.Workers.Select(worker => worker.Number)]);
        if (offer.Workers.Any(worker => worker.Token.IsEmpty && place.Mates.Contains(worker.Number)))
            throw Failure(StreamError.BadContent, $"got slice plan {offer.Number} without the tokens of all workers that this one is to reach.");
        exchange.Add(place);
        mates.Connect(offer, place.Mates);
    }

    private void TellOfLinks(int plan, (int Worker, string Problem)? unreachable)
    {
        byte[] payload = [];
        if (unreachable is var (worker, problem))
        {
            byte[] reason = Encoding.UTF8.GetBytes(problem);
            payload = new byte[sizeof(uint) + Math.Min(reason.Length, StreamLimits.ReasonBytes)];
            BinaryPrimitives.WriteInt32LittleEndian(payload, worker);
            reason.AsSpan(0, payload.Length - sizeof(uint)).CopyTo(payload.AsSpan(sizeof(uint)));
        }

        Send(Header(FrameKind.SliceLinks) with { Node = (uint)plan }, payload);
    }

    private void Begin(long step, WeightsBuffer weights, ILanes lanes)
    {
        _meter.StepBegun(step);
        lanes.Begin(step, weights, _assigned);
    }

    private byte[] ReceiveBytes(in FrameHeader header)
    {
        byte[] payload = new byte[header.PayloadLength];
        _stream.ReceivePayload(header, payload);
        return payload;
    }

    private void Send(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_sending)
            _stream.Send(header, payload);
    }

    private StreamException Failure(StreamError error, string problem) => new(error, _stream.Peer, problem);

    private FrameHeader Header(FrameKind kind) => new() { Kind = kind, Run = _origin.Run, Term = _origin.Term };
}
