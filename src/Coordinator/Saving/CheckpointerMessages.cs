using Lockstep.Coordinator.Tracing;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Cluster;

// The conversation of the checkpointer with the parameter server and the coordination. None of these crosses a process.
namespace Lockstep.Coordinator.Saving;

/// <summary>
/// Parameter server -> checkpointer: write this to the disk. Weights and optimizer state are held for the receiver; answered to the coordinator by
/// <see cref="SnapshotSaved"/> or <see cref="SnapshotFailed"/>, and to the sender by <see cref="SnapshotDone"/>.
/// </summary>
internal sealed record SaveSnapshot(WeightsVersion Weights, AlignedBuffer? State, NodeStatistics Unreported, bool IsFinal, IMailbox ReplyTo);

/// <summary>Checkpointer -> parameter server: it has let go of the weights, the state's buffer may be used again, and the next snapshot may come.</summary>
internal sealed record SnapshotDone(AlignedBuffer? State);

/// <summary>Checkpointer -> coordinator: it is safely there.</summary>
internal sealed record SnapshotSaved(string Path, long Step, bool IsFinal);

/// <summary>Checkpointer -> coordinator: it could not be written; older checkpoints are still there.</summary>
internal sealed record SnapshotFailed(long Step, string Reason, bool IsFinal);

/// <summary>Parameter server -> checkpointer, before the first step: the trace begins here.</summary>
internal sealed record BeginTrace(TraceStart Start);

/// <summary>
/// Parameter server -> checkpointer, some times a second and before each snapshot: steps for the trace. The receiver owns the batch; answered by
/// <see cref="TraceBatchFreed"/>.
/// </summary>
internal sealed record AppendTrace(List<TracedStep> Batch, IMailbox ReplyTo);

/// <summary>Checkpointer -> parameter server: the batch may be used again.</summary>
internal sealed record TraceBatchFreed(List<TracedStep> Batch);

/// <summary>Checkpointer or parameter server -> coordinator: something is wrong with the trace, a sentence for people. The run goes on.</summary>
internal sealed record TraceTroubled(string Problem);

/// <summary>Checkpointer -> coordination: the trace stands where training begins, so followers may have it.</summary>
internal sealed record TraceBegun;
