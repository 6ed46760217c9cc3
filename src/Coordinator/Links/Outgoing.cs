using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>What a link sends next, in this order; a last word alone. Nothing of all is a ping.</summary>
/// <param name="Step">The step that it is about.</param>
/// <param name="Assigned">The nodes of the worker from this step on, where they have changed.</param>
/// <param name="Weights">The weights of the step, held.</param>
/// <param name="Reissued">More nodes of this step.</param>
/// <param name="Last">The last word.</param>
internal readonly record struct Outgoing(long Step, TreeNode[]? Assigned, WeightsVersion? Weights, TreeNode[]? Reissued, LastWord? Last)
{
    public bool IsPing => Assigned is null && Weights is null && Reissued is null && Last is null;
}

/// <summary>How a link ends.</summary>
/// <param name="Kind"><see cref="FrameKind.Bye"/> or <see cref="FrameKind.Refusal"/>.</param>
/// <param name="Reason">Text for people.</param>
/// <param name="Farewell">Whether the run goes on elsewhere.</param>
internal sealed record LastWord(FrameKind Kind, string Reason, Farewell Farewell = Farewell.RunComplete);
