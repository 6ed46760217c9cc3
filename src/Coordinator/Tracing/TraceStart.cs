using Lockstep.Model.Training;

namespace Lockstep.Coordinator.Tracing;

/// <summary>The state that a run, or a resumed part of one, begins with.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="AllWeights">Hash of all weights, frozen ones included.</param>
/// <param name="TrainedWeights">Hash of the trained weights.</param>
internal sealed record TraceStart(long Step, Hash128 AllWeights, Hash128 TrainedWeights);

/// <summary>A step and the hash of the trained weights after it.</summary>
internal readonly record struct TracedStep(long Step, Hash128 Weights);
