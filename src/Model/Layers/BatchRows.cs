namespace Lockstep.Model.Layers;

/// <summary>
/// The examples of a tree node: consecutive positions of a step's batch. Besides the run's seed, all that masks depend on.
/// </summary>
/// <param name="Step">The step.</param>
/// <param name="FirstPosition">Position in the batch of the first example.</param>
/// <param name="Count">Number of examples.</param>
internal readonly record struct BatchRows(long Step, int FirstPosition, int Count);
