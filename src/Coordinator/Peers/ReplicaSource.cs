using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Peers;

/// <summary>What a leader has on its disk for its followers.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">Its leader's term.</param>
/// <param name="Spec">The run spec.</param>
/// <param name="TraceFile">The trace; null for none.</param>
/// <param name="MetricsFile">The metrics; null for none.</param>
/// <param name="Start">The checkpoint that this coordinator began with; null for none.</param>
/// <param name="Best">The best checkpoint so far, which this coordinator began with; null for none.</param>
/// <param name="Disk">The disk.</param>
internal sealed record ReplicaSource(
    ulong Run, int Term, RunSpec Spec, string? TraceFile, string? MetricsFile, Checkpoint? Start, BestResult? Best, Disk Disk);
