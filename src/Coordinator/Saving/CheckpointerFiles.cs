using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Saving;

/// <summary>Opens the trace to go on from a step; <paramref name="notice"/> says why what was there is not gone on with, or null.</summary>
internal delegate TraceWriter TraceOpener(TraceStart start, out string? notice);

/// <summary>What a <see cref="Checkpointer"/> writes, and where.</summary>
/// <param name="Checkpoints">The folder of checkpoints.</param>
/// <param name="OpenTrace">Opens the trace; called once, at the beginning of a run that has one.</param>
/// <param name="SaveAs">Writes a checkpoint to a path, for final weights that the folder has no room for.</param>
internal sealed record CheckpointerFiles(CheckpointStore Checkpoints, TraceOpener OpenTrace, Action<Checkpoint, string> SaveAs)
{
    /// <summary>The files of a run.</summary>
    public static CheckpointerFiles Of(TrainingOptions options, Disk disk) => new(
        new CheckpointStore(options.CheckpointDirectory, disk),
        (TraceStart start, out string? notice) => TraceWriter.Open(options.TraceFile!, TraceChain.HashOf(options.Spec), start, out notice, disk),
        (checkpoint, path) => CheckpointStore.SaveAs(checkpoint, path, overwrite: true, disk));
}
