namespace Lockstep.Worker.Lanes;

/// <summary>What a lane does next: computes a node, or (without weights) prepares for one of the next step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Item">The node.</param>
/// <param name="Weights">What it is computed with.</param>
/// <param name="Result">Where its gradient goes.</param>
internal readonly record struct LaneTask(long Step, WorkItem Item, WeightsBuffer? Weights, NodeResult? Result);
