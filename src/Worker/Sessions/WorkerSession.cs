using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;
using Lockstep.Worker.Slices;

namespace Lockstep.Worker.Sessions;

/// <summary>
/// A worker's part in one run, on its own threads: opens the tensor stream, follows the coordinator (<see cref="SessionProtocol"/>) and
/// computes (<see cref="LaneTeam"/>), until the final frame or a timeout of the stream.
/// </summary>
/// <param name="origin">The offered run and term.</param>
/// <param name="open">Opens the stream; called on the session's thread.</param>
/// <param name="lanes">Number of compute threads; within a machine the session's is the first of them.</param>
/// <param name="held">Examples of an earlier session.</param>
/// <param name="meter">The worker's metrics.</param>
/// <param name="networkOf">Makes connections to other workers, where the given stream's worker is; null for none.</param>
internal sealed class WorkerSession(
    FrameOrigin origin, Func<FrameStream> open, int lanes, HeldData held, WorkerMeter meter,
    Func<FrameStream, IMateNetwork?>? networkOf = null)
{
    private readonly TaskCompletionSource<WorkerResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _starting = new();
    private SessionProtocol? _protocol;
    private bool _stopped;

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
            using FrameStream stream = open();
            _ended.TrySetResult(Follow(stream));
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

    private WorkerResult Follow(FrameStream stream)
    {
        LaneTeam? team = null;
        var protocol = new SessionProtocol(
            stream, origin, held, meter, NumericsFingerprint.Compute,
            startLanes: (spec, layout, examples) =>
                team = new LaneTeam(
                    lanes, spec, layout, examples, _protocol!.SendNode, OnLaneFailed, firstIsCaller: stream.IsWithinMachine),
            networkOf?.Invoke(stream));
        bool stopped;
        lock (_starting)
        {
            _protocol = protocol;
            stopped = _stopped;
        }

        if (stopped)
            stream.Dispose();
        try
        {
            while (protocol.OnFrame(stream.ReceiveHeader()))
            {
                // Within a machine this thread is a lane, too; between machines it must receive while a gradient is on its way. A node
                // after each frame at least: examples may come all the time.
                while (team is not null && team.TryRun() && !stream.CanReceiveAtOnce())
                {
                }
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
            stream.Dispose();
            protocol.Dispose();
            team?.Dispose();
            meter.Left(protocol.Joined);
        }
    }

    private void OnLaneFailed(Exception exception)
    {
        // The receiving thread reports failures of the stream.
        if (exception is not StreamException && _ended.TrySetException(exception))
            _protocol!.Leave($"it failed: {exception.Message}");
    }
}
