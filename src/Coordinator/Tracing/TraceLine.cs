namespace Lockstep.Coordinator.Tracing;

/// <summary>One step of a trace.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="Weights">Hash of the weights that are trained, after the step.</param>
/// <param name="Chain">Chained hash as the file has it.</param>
/// <param name="Follows">Whether <paramref name="Chain"/> is what follows from the lines before.</param>
public readonly record struct TraceLine(long Step, UInt128 Weights, UInt128 Chain, bool Follows);
