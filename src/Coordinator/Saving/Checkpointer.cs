using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Saving;

/// <summary>
/// Writes snapshots and the trace to the disk, and keeps the newest snapshots and the best. Receives them from the parameter server,
/// returns its buffers, and reports to the coordinator. A failing disk costs checkpoints, not the run. Blocks on the disk.
/// </summary>
internal sealed class Checkpointer(
    TrainingOptions options, RunState state, RunMeter meter, CheckpointerFiles files, TimeProvider time, IMailbox coordinator)
{
    private TraceWriter? _trace;
    private Checkpoint? _unsavedBest;
    private bool _traceIsLate;

    /// <summary>Closes the trace.</summary>
    public void Stop() => _trace?.Dispose();

    /// <summary>Handles a message; ignores unknown ones.</summary>
    public void Receive(object message)
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
        }
    }

    private void OnBeginTrace(BeginTrace begin)
    {
        try
        {
            _trace = files.OpenTrace(begin.Start, out string? notice);
            if (notice is not null)
                coordinator.Tell(new TraceTroubled(notice));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            coordinator.Tell(
                new TraceTroubled(
                    $"The trace {options.TraceFile} cannot be written: {e.Message.TrimEnd('.')}. The run continues without one."));
        }

        coordinator.Tell(new TraceBegun());
    }

    private void OnAppendTrace(AppendTrace append)
    {
        Trace(append.Batch, flushToDisk: false);
        append.ReplyTo.Tell(new TraceBatchFreed(append.Batch));
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
                coordinator.Tell(
                    new TraceTroubled(
                        $"The trace {options.TraceFile} cannot be written: {e.Message.TrimEnd('.')}. The run continues and tries again."));
            _traceIsLate = true;
        }
        catch (InvalidOperationException)
        {
            coordinator.Tell(new TraceTroubled($"The trace {options.TraceFile} ends here: it could not be written for too long."));
            _trace?.Dispose();
            _trace = null;
        }
    }

    private void OnSaveSnapshot(SaveSnapshot snapshot)
    {
        long step = snapshot.Weights.Step, begun = time.GetTimestamp();
        Checkpoint checkpoint = Capture(snapshot);
        snapshot.Weights.Release();
        try
        {
            // Flushes the trace first, so that after a power loss every checkpoint has its trace.
            Trace([], flushToDisk: true);
            if (snapshot.IsBest)
                _unsavedBest = checkpoint;
            SaveBest(mayFail: snapshot.IsFinal);
            if (!snapshot.IsBest)
                SaveNewest(checkpoint, snapshot.IsFinal, begun);
        }
        catch (CheckpointException exception)
        {
            string rescue = snapshot.IsFinal ? Rescue(checkpoint) : "";
            coordinator.Tell(new SnapshotFailed(step, exception.Message + rescue, snapshot.IsFinal));
        }

        snapshot.ReplyTo.Tell(new SnapshotDone(snapshot.State));
    }

    /// <summary>Saves the best one, also if that failed before: no newer checkpoint but the last may be there without it.</summary>
    private void SaveBest(bool mayFail)
    {
        if (_unsavedBest is not { } best)
            return;
        try
        {
            string path = files.Checkpoints.SaveBest(best);
            _unsavedBest = null;
            coordinator.Tell(new BestSaved(path, best.Step));
        }
        catch (CheckpointException e) when (mayFail)
        {
            coordinator.Tell(new SnapshotFailed(best.Step, e.Message, IsFinal: false));
        }
    }

    private void SaveNewest(Checkpoint checkpoint, bool isFinal, long begun)
    {
        // The newest weights may be about to diverge; the checkpoint before is known to give a finite loss.
        string path = files.Checkpoints.Save(checkpoint, isFinal ? options.KeepCheckpoints : Math.Max(options.KeepCheckpoints, 2));
        meter.CheckpointWritten(time.GetElapsedTime(begun));
        coordinator.Tell(new SnapshotSaved(path, checkpoint.Step, isFinal));
    }

    /// <summary>Saves the final weights to the temporary folder after the checkpoint folder has failed.</summary>
    private string Rescue(Checkpoint checkpoint)
    {
        string path = Path.Combine(Path.GetTempPath(), $"lockstep-{checkpoint.RunId}-{CheckpointStore.FileName(checkpoint.Step)}");
        try
        {
            files.SaveAs(checkpoint, path);
            return $" They were saved as {path} instead: copy that file where it is safe.";
        }
        catch (CheckpointException)
        {
            return $" Nor could they be saved as {path}.";
        }
    }

    private Checkpoint Capture(SaveSnapshot snapshot) => new()
    {
        RunId = state.RunId,
        Term = state.Term,
        Spec = options.Spec,
        Step = snapshot.Weights.Step,
        Parameters = CheckpointTensors.CopyFrom(state.Layout, snapshot.Weights.Buffer.Span),
        Slots = CheckpointTensors.CopySlotsFrom(
            state.Layout, options.Spec.Optimizer.Slots, snapshot.State is null ? default : snapshot.State.Span),
        Unreported = snapshot.Unreported,
        Stopping = snapshot.Stopping,
        WeightsSha256 = WeightsDigest.Sha256(state.Layout, snapshot.Weights.Buffer.Span),
    };
}
