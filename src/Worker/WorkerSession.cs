using System.Runtime.InteropServices;
using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Worker;

/// <summary>
/// A worker's part in one run, over one tensor stream: receives run spec and data, shows its numerics, then computes
/// the nodes it is asked for, step by step, until the coordinator says good-bye.
/// </summary>
internal sealed class WorkerSession
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ByeTimeout = TimeSpan.FromSeconds(1);

    private readonly RunOffered _offer;
    private readonly string _worker;
    private readonly HeldImages _held;
    private readonly WorkerMeter _meter;
    private readonly JoinedRun _joined;
    private readonly WorkerOptions _options;
    private readonly string? _coordinatorName;
    private readonly TaskCompletionSource<WorkerResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _sending = new();
    private readonly Lock _starting = new();
    private TensorConnection? _connection;
    private bool _isReady;
    private bool _stopped;

    public WorkerSession(RunOffered offer, string worker, WorkerOptions options, HeldImages held, WorkerMeter meter, string? coordinatorName)
    {
        (_offer, _worker, _options, _held, _meter, _coordinatorName) = (offer, worker, options, held, meter, coordinatorName);
        _joined = new JoinedRun(offer.Run.ToString("x16"), offer.Term);
    }

    /// <summary>Runs the session on a thread of its own. The task completes when it has ended, however it ended.</summary>
    public Task<WorkerResult> Start()
    {
        new Thread(Run) { IsBackground = true, Name = "tensor stream" }.Start();
        return _ended.Task;
    }

    /// <summary>Leaves, and tells the coordinator why: it gives this worker's shards to others.</summary>
    public void Stop(string reason)
    {
        TensorConnection? connection;
        lock (_starting)
            (_stopped, connection) = (true, _connection);
        if (connection is not null)
            Leave(connection, reason);
    }

    /// <summary>Leaves because a coordinator of a newer term leads, and says so. Returns at once.</summary>
    public void Supersede(int term) => new Thread(() =>
    {
        TensorConnection? connection;
        lock (_starting)
            connection = _connection;
        if (connection is not null)
            Leave(connection, "a standby leads in this coordinator's place", term);
    })
    { IsBackground = true, Name = "superseding" }.Start();

    /// <summary>Leaves in good order: asks the coordinator to be let go, and answers what it was asked until then. At once where nothing was.</summary>
    public void Drain(string reason)
    {
        lock (_starting)
        {
            if (_isReady)
            {
                new Thread(() => AskToLeave(reason)) { IsBackground = true, Name = "leaving" }.Start();
                return;
            }
        }

        Stop(reason);
    }

    private void AskToLeave(string reason)
    {
        try
        {
            Send(_connection!, Header(FrameKind.Leaving), Encoding.UTF8.GetBytes(reason));
        }
        catch (StreamException)
        {
            // The stream is at its end anyway.
        }
    }

    private void Run()
    {
        try
        {
            var connection = TensorConnection.Connect(
                _offer.StreamHost, _offer.StreamPort, _offer.Run, _offer.Token, _worker, ConnectTimeout, _options.Secret, _options.Tls, _coordinatorName);
            bool stopped;
            lock (_starting)
                (_connection, stopped) = (connection, _stopped);
            if (stopped)
                connection.Dispose();
            _ended.TrySetResult(new WorkerResult(WorkerOutcome.Completed, Follow(connection)));
        }
        catch (StreamException) when (_stopped)
        {
            _ended.TrySetResult(new WorkerResult(WorkerOutcome.Completed, "stopped"));
        }
        catch (StreamException exception) when (exception.Error is StreamError.Refused or StreamError.Unproven)
        {
            _ended.TrySetResult(new WorkerResult(WorkerOutcome.Refused, exception.Problem));
        }
        catch (StreamException exception)
        {
            _ended.TrySetResult(new WorkerResult(WorkerOutcome.Disconnected, $"The coordinator is lost: {exception.Message}"));
        }
        catch (Exception exception)
        {
            _ended.TrySetException(exception);
            if (_connection is { } connection)
                Leave(connection, $"it failed: {exception.Message}");
        }
        finally
        {
            _meter.Left(_joined);
            _connection?.Dispose();
        }
    }

    /// <summary>Says why and closes, where that is still possible.</summary>
    private void Leave(TensorConnection connection, string reason, int? term = null)
    {
        // A lane may be stuck in sending to a coordinator that does not read; it notices the end of the stream all the same.
        if (Monitor.TryEnter(_sending, ByeTimeout))
        {
            try
            {
                connection.SendLast(FrameKind.Bye, _offer.Run, term ?? _offer.Term, reason);
            }
            catch (StreamException)
            {
            }
            finally
            {
                Monitor.Exit(_sending);
            }
        }

        connection.Dispose();
    }

    /// <summary>Does as the coordinator says; returns the reason it gives for the end.</summary>
    private string Follow(TensorConnection connection)
    {
        FrameHeader header = connection.ReceiveHeader(FrameKind.RunSpec);
        byte[] encoded = new byte[header.PayloadLength];
        connection.ReceivePayload(header, encoded);
        RunSpec spec = RunSpecCodec.Decode(encoded);
        (ImageSet images, string digest) = DatasetTransfer.Receive(connection, _offer.Run, _held.Current);
        _held.Current = (images, digest);
        var layout = new ParameterLayout(spec.Model);
        connection.Limits = StreamLimits.For(layout);

        var runs = new TensorRuns(layout);
        using var lanes = new LaneTeam(
            _options.Lanes, spec, layout, images,
            send: (step, node, result, time) =>
            {
                FrameHeader gradient = GradientHeader(step, node, result, time);
                _meter.NodeComputed(result.Statistics.Examples);
                lock (_sending)
                {
                    if (result.Slot is { } slot)
                        SharedTensors.SendSlot(connection, gradient with { Kind = FrameKind.SharedGradient }, slot);
                    else
                        connection.Send(gradient, result.Gradient.Span, runs);
                }
            },
            onFailure: exception =>
            {
                // A failure of the stream is noticed where it is received from.
                if (exception is not StreamException && _ended.TrySetException(exception))
                    Leave(connection, $"it failed: {exception.Message}");
            });
        Send(connection, Header(FrameKind.Ready), Encoding.UTF8.GetBytes(NumericsFingerprint.Compute()));
        lock (_starting)
            _isReady = true;
        _meter.Joined(_joined);

        var tree = new ReductionTree(spec.Shards);
        IReadOnlyList<TreeNode> assigned = [];
        WeightsBuffer[] shared = [];
        var origin = new FrameOrigin(_offer.Run, _offer.Term);
        while (true)
        {
            header = connection.ReceiveHeader();
            if (header.Kind is not (FrameKind.Bye or FrameKind.Refusal) && origin.Objection(header) is { } objection)
                throw new StreamException(StreamError.BadContent, connection.Peer, $"{objection}.");
            switch (header.Kind)
            {
                case FrameKind.Assign:
                    (AssignmentKind kind, IReadOnlyList<TreeNode> nodes) = Assignment.Receive(connection, header, tree);
                    if (kind == AssignmentKind.FromThisStepOn)
                        assigned = nodes;
                    else
                        lanes.Extend(header.Step, nodes);
                    break;
                case FrameKind.Frozen:
                    float[] frozen = new float[layout.Length - layout.TrainableLength];
                    connection.ReceivePayload(header, MemoryMarshal.AsBytes(frozen.AsSpan()));
                    lanes.SetFrozen(frozen);
                    break;
                case FrameKind.Weights:
                    WeightsBuffer weights = lanes.TakeBuffer();
                    connection.ReceivePayload(header, weights.Values.Bytes[..(layout.TrainableLength * sizeof(float))]);
                    _meter.StepBegun(header.Step);
                    lanes.Begin(header.Step, weights, assigned);
                    break;
                case FrameKind.SharedMemory:
                    byte[] offer = new byte[header.PayloadLength];
                    connection.ReceivePayload(header, offer);
                    if (SharedTensors.TryOpen(offer, connection.Peer, layout) is not { } tensors)
                        break;
                    shared = [.. tensors.Weights.Select(values => new WeightsBuffer(values))];
                    Send(connection, Header(FrameKind.SharedMemory), []);
                    lanes.ShareGradients(tensors.Gradients);
                    break;
                case FrameKind.SharedWeights:
                    int slot = SharedTensors.ReceiveSlot(connection, header, shared.Length);
                    _meter.StepBegun(header.Step);
                    lanes.Begin(header.Step, shared[slot], assigned);
                    break;
                case FrameKind.Bye:
                    return connection.ReceiveReason(header);
                case FrameKind.Refusal:
                    throw new StreamException(StreamError.Refused, connection.Peer, connection.ReceiveReason(header));
                default:
                    throw new StreamException(StreamError.UnexpectedKind, connection.Peer, $"got a {header.Kind} frame, which only workers send.");
            }
        }
    }

    private void Send(TensorConnection connection, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_sending)
            connection.Send(header, payload);
    }

    private FrameHeader GradientHeader(long step, TreeNode node, NodeResult result, TimeSpan time) => Header(FrameKind.Gradient) with
    {
        Step = step,
        Node = node.ToKey(),
        Statistics = result.Statistics,
        ComputeMicroseconds = (int)Math.Min(time.TotalMicroseconds, int.MaxValue),
    };

    private FrameHeader Header(FrameKind kind) => new() { Kind = kind, Run = _offer.Run, Term = _offer.Term };
}
