using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;

// Messages between parameter server and coordination. All stay in the process.
namespace Lockstep.Coordinator.Server;

/// <summary>
/// Coordinator -> parameter server: the participants from the next step on. Nodes that lost workers owe in this step are requested from
/// others at once.
/// </summary>
internal sealed record ChangeWorkers(IReadOnlyList<StepWorker> Workers, IReadOnlyDictionary<WorkerId, WorkerLink> Links);

/// <summary>
/// Coordinator -> parameter server: no more steps after the current one. If it cannot be completed, the last complete step counts.
/// </summary>
internal sealed record EndTraining(bool WaitForStep);

/// <summary>Parameter server -> coordinator, several times a second: progress and roster. Sums since the last row of metrics.</summary>
internal sealed record StepReport(long Step, NodeStatistics Unreported, double ExamplesPerSecond, Roster Roster);

/// <summary>Parameter server -> coordinator, after each step if the options ask for it: the statistics of its batch.</summary>
internal sealed record StepDone(long Step, NodeStatistics Statistics);

/// <summary>
/// Parameter server -> coordinator: the last step is done. The final weights are held for the receiver. <paramref name="IsSaving"/>: the
/// checkpointer will report on their checkpoint. After a divergence, which is never saved, <paramref name="LastFiniteStep"/> is that of
/// <see cref="Model.Training.DivergenceException"/>.
/// </summary>
internal sealed record TrainingEnded(
    long Step, WeightsVersion Weights, long Examples, double TrainSeconds, bool IsSaving, string? Failure, long? LastFiniteStep = null)
{
    /// <summary>Whether the run has no more steps: all are done, or its rule ended it.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Why its rule ended the run; null if it did not.</summary>
    public string? StopReason { get; init; }

    /// <summary>The best validation result so far; null if none is kept.</summary>
    public BestResult? Best { get; init; }

    /// <summary>Steps that were made in slices.</summary>
    public long SlicedSteps { get; init; }
}

/// <summary>
/// Parameter server -> coordinator, once a run: a checkpoint fell due while an earlier one was written for a second or
/// more, and replaced the waiting one.
/// </summary>
internal sealed record SnapshotsMerged(long Step);
