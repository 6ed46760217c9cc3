using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;

// The conversation of the parameter server with the coordination. None of these crosses a process.
namespace Lockstep.Coordinator.Server;

/// <summary>Coordinator -> parameter server: who takes part from the next step on. What lost workers owe in this step is asked of others at once.</summary>
internal sealed record ChangeWorkers(IReadOnlyList<StepWorker> Workers, IReadOnlyDictionary<WorkerId, WorkerLink> Links);

/// <summary>Coordinator -> parameter server: no more steps after the one under way; if none can be completed, the last complete one counts.</summary>
internal sealed record EndTraining(bool WaitForStep);

/// <summary>Parameter server -> coordinator, some times a second: how far the run is, and who owns what. Sums since the last line of metrics.</summary>
internal sealed record StepReport(long Step, NodeStatistics Unreported, double ExamplesPerSecond, Roster Roster);

/// <summary>Parameter server -> coordinator, after each step if the options ask for it: what its batch gave.</summary>
internal sealed record StepDone(long Step, NodeStatistics Statistics);

/// <summary>
/// Parameter server -> coordinator: the last step is done. The final weights are held for the receiver;
/// <paramref name="IsSaving"/> when the checkpointer will say how their checkpoint went. After a divergence, which is never saved,
/// <paramref name="LastFiniteStep"/> is that of <see cref="Model.Training.DivergenceException"/>.
/// </summary>
internal sealed record TrainingEnded(long Step, WeightsVersion Weights, long Examples, double TrainSeconds, bool IsSaving, string? Failure, long? LastFiniteStep = null);

/// <summary>
/// Parameter server -> coordinator, once a run: a checkpoint fell due before an earlier one was written, and takes the place of the one that waited.
/// </summary>
internal sealed record SnapshotsMerged(long Step);
