using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Saving;

/// <summary>
/// Opens the trace to continue from a step. <paramref name="notice"/> says why an existing trace is not continued; null if it is.
/// </summary>
internal delegate TraceWriter TraceOpener(TraceStart start, out string? notice);

/// <summary>The files that a <see cref="Checkpointer"/> writes.</summary>
/// <param name="Checkpoints">The folder of checkpoints.</param>
/// <param name="OpenTrace">Opens the trace; called once, at the beginning of a run with a trace.</param>
/// <param name="SaveAs">Writes a checkpoint to a path, if the folder has no room for the final weights.</param>
internal sealed record CheckpointerFiles(CheckpointStore Checkpoints, TraceOpener OpenTrace, Action<Checkpoint, string> SaveAs)
{
    /// <summary>The files of a run.</summary>
    public static CheckpointerFiles Of(TrainingOptions options, Disk disk) => new(
        new CheckpointStore(options.CheckpointDirectory, disk),
        (TraceStart start, out string? notice) =>
            TraceWriter.Open(options.TraceFile!, TraceChain.HashOf(options.Spec), start, out notice, disk),
        (checkpoint, path) => CheckpointStore.SaveAs(checkpoint, path, overwrite: true, disk));
}
