using Lockstep.Model.Training;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Sessions;

/// <summary>
/// A worker's part in one run, on its own threads: opens the tensor stream, follows the coordinator (<see cref="SessionProtocol"/>) and
/// computes (<see cref="LaneTeam"/>), until the final frame or a timeout of the stream.
/// </summary>
internal sealed class WorkerSession
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly RunOffered _offer;
    private readonly string _worker;
    private readonly HeldData _held;
    private readonly WorkerMeter _meter;
    private readonly WorkerOptions _options;
    private readonly string? _coordinatorName;
    private readonly TaskCompletionSource<WorkerResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _starting = new();
    private SessionProtocol? _protocol;
    private bool _stopped;

    public WorkerSession(RunOffered offer, string worker, WorkerOptions options, HeldData held, WorkerMeter meter, string? coordinatorName)
    {
        _offer = offer;
        _worker = worker;
        _options = options;
        _held = held;
        _meter = meter;
        _coordinatorName = coordinatorName;
    }

    /// <summary>Maximum silence of the stream; the coordinator sends at least once a second.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs the session on its own thread. The task completes with the result and never faults.</summary>
    public Task<WorkerResult> Start()
    {
        new Thread(Run) { IsBackground = true, Name = "tensor stream" }.Start();
        return _ended.Task;
    }

    /// <summary>Leaves at once and tells the coordinator why, so that it gives this worker's shards to others.</summary>
    public void Stop(string reason)
    {
        SessionProtocol? protocol;
        lock (_starting)
        {
            _stopped = true;
            protocol = _protocol;
        }

        protocol?.Leave(reason);
    }

    /// <summary>
    /// Leaves in good order: asks the coordinator for permission and answers requests until then. Leaves at once if none were made yet.
    /// </summary>
    public void Drain(string reason)
    {
        bool isReady;
        lock (_starting)
            isReady = _protocol is { IsReady: true };
        if (isReady)
            OnThread("leaving", protocol => protocol.AskToLeave(reason));
        else
            Stop(reason);
    }

    private void OnThread(string name, Action<SessionProtocol> act) => new Thread(() =>
    {
        SessionProtocol? protocol;
        lock (_starting)
            protocol = _protocol;
        if (protocol is not null)
            act(protocol);
    })
    { IsBackground = true, Name = name }.Start();

    private void Run()
    {
        try
        {
            using var connection = TensorConnection.Connect(
                _offer.StreamHost, _offer.StreamPort, _offer.Run, _offer.Token, _worker, ConnectTimeout, _options.Secret, _options.Tls,
                _coordinatorName);
            connection.SetIdleTimeout(IdleTimeout);
            _ended.TrySetResult(Follow(connection));
        }
        catch (StreamException) when (_stopped)
        {
            _ended.TrySetResult(new WorkerResult(WorkerOutcome.Completed, "stopped"));
        }
        catch (StreamException exception)
        {
            _ended.TrySetResult(SessionProtocol.ResultOf(exception));
        }
        catch (Exception exception)
        {
            _ended.TrySetException(exception);
        }
    }

    private WorkerResult Follow(TensorConnection connection)
    {
        LaneTeam? lanes = null;
        var protocol = new SessionProtocol(
            connection, new FrameOrigin(_offer.Run, _offer.Term), _held, _meter, NumericsFingerprint.Compute,
            startLanes: (spec, layout, examples) =>
                lanes = new LaneTeam(_options.Lanes, spec, layout, examples, _protocol!.SendNode, OnLaneFailed));
        bool stopped;
        lock (_starting)
        {
            _protocol = protocol;
            stopped = _stopped;
        }

        if (stopped)
            connection.Dispose();
        try
        {
            while (protocol.OnFrame(connection.ReceiveHeader()))
            {
            }

            return protocol.Result!;
        }
        catch (Exception exception) when (exception is not StreamException)
        {
            protocol.Leave($"it failed: {exception.Message}");
            throw;
        }
        finally
        {
            // A lane may be blocked in sending to a coordinator that does not read. Closing the stream wakes it.
            connection.Dispose();
            lanes?.Dispose();
            _meter.Left(protocol.Joined);
        }
    }

    private void OnLaneFailed(Exception exception)
    {
        // The receiving thread reports failures of the stream.
        if (exception is not StreamException && _ended.TrySetException(exception))
            _protocol!.Leave($"it failed: {exception.Message}");
    }
}
