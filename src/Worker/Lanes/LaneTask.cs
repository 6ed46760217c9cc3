namespace Lockstep.Worker.Lanes;

/// <summary>The next task of a lane: compute a node, or (without weights) prepare a node of the next step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Item">The node.</param>
/// <param name="Weights">The weights to compute with.</param>
/// <param name="Result">Where the gradient goes.</param>
internal readonly record struct LaneTask(long Step, WorkItem Item, WeightsBuffer? Weights, NodeResult? Result);
