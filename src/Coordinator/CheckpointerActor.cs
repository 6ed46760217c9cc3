using Akka.Actor;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Coordinator;

/// <summary>
/// Writes snapshots to the disk, on a thread of its own, and keeps the newest. Receives them from the parameter server, gives
/// its buffers back, and tells the coordinator how it went. A disk that fails costs checkpoints, not the run.
/// </summary>
internal sealed class CheckpointerActor : ReceiveActor
{
    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly CheckpointStore _store;
    private readonly IActorRef _coordinator;

    public static Props Props(TrainingOptions options, RunState state, IActorRef coordinator) =>
        Akka.Actor.Props.Create(() => new CheckpointerActor(options, state, coordinator)).WithDispatcher(Dispatchers.Checkpointer);

    public CheckpointerActor(TrainingOptions options, RunState state, IActorRef coordinator)
    {
        (_options, _state, _coordinator) = (options, state, coordinator);
        _store = new CheckpointStore(options.CheckpointDirectory);
        Receive<SaveSnapshot>(OnSaveSnapshot);
    }

    private void OnSaveSnapshot(SaveSnapshot snapshot)
    {
        long step = snapshot.Weights.Step;
        Checkpoint checkpoint = Capture(snapshot);
        snapshot.Weights.Release();
        if (snapshot.Velocity is not null)
            Sender.Tell(new SnapshotBufferFreed(snapshot.Velocity));
        try
        {
            string path = _store.Save(checkpoint, _options.KeepCheckpoints);
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
