using System.Diagnostics;
using Akka.Actor;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Coordinator;

/// <summary>
/// Writes snapshots and the trace to the disk, on a thread of its own, and keeps the newest snapshots. Receives them from the parameter
/// server, gives its buffers back, and tells the coordinator how it went. A disk that fails costs checkpoints, not the run.
/// </summary>
internal sealed class CheckpointerActor : UntypedActor
{
    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly RunMeter _meter;
    private readonly CheckpointStore _store;
    private readonly IActorRef _coordinator;
    private TraceWriter? _trace;
    private bool _traceIsLate;

    public static Props Props(TrainingOptions options, RunState state, RunMeter meter, IActorRef coordinator) =>
        Akka.Actor.Props.Create(() => new CheckpointerActor(options, state, meter, coordinator)).WithDispatcher(Dispatchers.Checkpointer);

    public CheckpointerActor(TrainingOptions options, RunState state, RunMeter meter, IActorRef coordinator)
    {
        (_options, _state, _meter, _coordinator) = (options, state, meter, coordinator);
        _store = new CheckpointStore(options.CheckpointDirectory);
    }

    protected override void PostStop() => _trace?.Dispose();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BeginTrace begin:
                OnBeginTrace(begin);
                break;
            case AppendTrace append:
                OnAppendTrace(append);
                break;
            case SaveSnapshot snapshot:
                OnSaveSnapshot(snapshot);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnBeginTrace(BeginTrace begin)
    {
        try
        {
            _trace = TraceWriter.Open(_options.TraceFile!, TraceChain.HashOf(_options.Spec), begin.Start, out string? notice);
            if (notice is not null)
                _coordinator.Tell(new TraceTroubled(notice));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _coordinator.Tell(new TraceTroubled($"The trace {_options.TraceFile} cannot be written: {e.Message.TrimEnd('.')}. The run goes on without one."));
        }

        _coordinator.Tell(new TraceBegun());
    }

    private void OnAppendTrace(AppendTrace append)
    {
        Trace(append.Batch, flushToDisk: false);
        Sender.Tell(new TraceBatchFreed(append.Batch));
    }

    private void Trace(IReadOnlyList<TracedStep> steps, bool flushToDisk)
    {
        try
        {
            _trace?.Append(steps, flushToDisk);
            _traceIsLate = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_traceIsLate)
                _coordinator.Tell(new TraceTroubled($"The trace {_options.TraceFile} cannot be written: {e.Message.TrimEnd('.')}. The run goes on, and tries again."));
            _traceIsLate = true;
        }
        catch (InvalidOperationException)
        {
            _coordinator.Tell(new TraceTroubled($"The trace {_options.TraceFile} ends here: it could not be written for too long."));
            _trace?.Dispose();
            _trace = null;
        }
    }

    private void OnSaveSnapshot(SaveSnapshot snapshot)
    {
        long step = snapshot.Weights.Step, begun = Stopwatch.GetTimestamp();
        Checkpoint checkpoint = Capture(snapshot);
        snapshot.Weights.Release();
        if (snapshot.Velocity is not null)
            Sender.Tell(new SnapshotBufferFreed(snapshot.Velocity));
        try
        {
            // A checkpoint that a run can go on from has its trace beside it, whenever the machine stops.
            Trace([], flushToDisk: true);
            string path = _store.Save(checkpoint, _options.KeepCheckpoints);
            _meter.CheckpointWritten(Stopwatch.GetElapsedTime(begun));
            _coordinator.Tell(new SnapshotSaved(path, step, snapshot.IsFinal));
        }
        catch (CheckpointException exception)
        {
            string rescue = snapshot.IsFinal ? Rescue(checkpoint) : "";
            _coordinator.Tell(new SnapshotFailed(step, exception.Message + rescue, snapshot.IsFinal));
        }
    }

    /// <summary>The last weights are worth another try, elsewhere.</summary>
    private static string Rescue(Checkpoint checkpoint)
    {
        string path = Path.Combine(Path.GetTempPath(), $"lockstep-{checkpoint.RunId}-{CheckpointStore.FileName(checkpoint.Step)}");
        try
        {
            CheckpointStore.SaveAs(checkpoint, path, overwrite: true);
            return $" They were saved as {path} instead: copy that file where it is safe.";
        }
        catch (CheckpointException)
        {
            return $" Nor could they be saved as {path}.";
        }
    }

    private Checkpoint Capture(SaveSnapshot snapshot) => new()
    {
        RunId = _state.RunId,
        Term = _state.Term,
        Spec = _options.Spec,
        Step = snapshot.Weights.Step,
        Parameters = CheckpointTensors.CopyFrom(_state.Layout, snapshot.Weights.Buffer.Span),
        Velocities = snapshot.Velocity is null ? [] : CheckpointTensors.CopyFrom(_state.Layout, snapshot.Velocity.Span),
        Unreported = snapshot.Unreported,
        WeightsSha256 = WeightsDigest.Sha256(_state.Layout, snapshot.Weights.Buffer.Span),
    };
}
