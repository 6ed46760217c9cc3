using Lockstep.Model.Training;

namespace Lockstep.Coordinator.Tracing;

/// <summary>One step of a trace.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="Weights">Hash of the weights that are trained, after the step.</param>
/// <param name="Chain">Chained hash in the file.</param>
/// <param name="Follows">Whether <paramref name="Chain"/> is the hash that the lines before give.</param>
public readonly record struct TraceLine(long Step, Hash128 Weights, Hash128 Chain, bool Follows);
