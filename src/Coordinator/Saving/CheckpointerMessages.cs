using Lockstep.Coordinator.Tracing;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Cluster;

// Messages between checkpointer, parameter server and coordination. All stay in the process.
namespace Lockstep.Coordinator.Saving;

/// <summary>
/// Parameter server -> checkpointer: write this to the disk. Weights and optimizer state are held for the receiver. The coordinator gets
/// <see cref="SnapshotSaved"/> or <see cref="SnapshotFailed"/>, the sender <see cref="SnapshotDone"/>.
/// </summary>
/// <param name="Weights">The weights.</param>
/// <param name="State">Optimizer state; null for none.</param>
/// <param name="Unreported">Statistics since the last row of metrics.</param>
/// <param name="IsFinal">Whether it is the last of the run.</param>
/// <param name="ReplyTo">The sender.</param>
internal sealed record SaveSnapshot(
    WeightsVersion Weights, AlignedBuffer? State, NodeStatistics Unreported, bool IsFinal, IMailbox ReplyTo)
{
    /// <summary>What the rule that ends the run early remembers.</summary>
    public StopState Stopping { get; init; }

    /// <summary>Whether it is kept as the best, which <see cref="BestSaved"/> reports, instead of among the newest.</summary>
    public bool IsBest { get; init; }
}

/// <summary>
/// Checkpointer -> parameter server: it has released the weights and the state's buffer, and is ready for the next snapshot.
/// </summary>
internal sealed record SnapshotDone(AlignedBuffer? State);

/// <summary>Checkpointer -> coordinator: the snapshot is on the disk.</summary>
internal sealed record SnapshotSaved(string Path, long Step, bool IsFinal);

/// <summary>Checkpointer -> coordinator: the best snapshot so far is on the disk.</summary>
internal sealed record BestSaved(string Path, long Step);

/// <summary>Checkpointer -> coordinator: it could not be written; older checkpoints remain.</summary>
internal sealed record SnapshotFailed(long Step, string Reason, bool IsFinal);

/// <summary>Parameter server -> checkpointer, before the first step: the trace begins here.</summary>
internal sealed record BeginTrace(TraceStart Start);

/// <summary>
/// Parameter server -> checkpointer, several times a second and before each snapshot: steps for the trace. The receiver owns the batch
/// until it answers <see cref="TraceBatchFreed"/>.
/// </summary>
internal sealed record AppendTrace(List<TracedStep> Batch, IMailbox ReplyTo);

/// <summary>Checkpointer -> parameter server: the batch may be reused.</summary>
internal sealed record TraceBatchFreed(List<TracedStep> Batch);

/// <summary>Checkpointer or parameter server -> coordinator: a problem with the trace, in a sentence. The run continues.</summary>
internal sealed record TraceTroubled(string Problem);

/// <summary>Checkpointer -> coordination: the trace is at the first step, so followers may replicate it.</summary>
internal sealed record TraceBegun;
