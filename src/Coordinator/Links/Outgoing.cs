using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>What a link sends next, in this order; a final frame alone. If all are null, a piece of the examples or a ping.</summary>
/// <param name="Step">The step.</param>
/// <param name="Assigned">The worker's nodes from this step on, if they have changed.</param>
/// <param name="Control">A frame about slices.</param>
/// <param name="Weights">The weights of the step, held.</param>
/// <param name="Slices">The slices of the weights to send; null for all.</param>
/// <param name="Reissued">More nodes of this step.</param>
/// <param name="Last">The final frame.</param>
internal readonly record struct Outgoing(
    long Step, TreeNode[]? Assigned, ControlFrame? Control, WeightsVersion? Weights, SliceShare? Slices, TreeNode[]? Reissued,
    FinalFrame? Last)
{
    /// <summary>Whether nothing was posted.</summary>
    public bool IsEmpty => Assigned is null && Control is null && Weights is null && Reissued is null && Last is null;
}

/// <summary>A frame about slices.</summary>
/// <param name="Kind"><see cref="FrameKind.SliceAddress"/> or <see cref="FrameKind.SlicePlan"/>.</param>
/// <param name="Payload">Its payload.</param>
internal sealed record ControlFrame(FrameKind Kind, byte[] Payload);

/// <summary>What a worker gets of the weights when slices are exchanged.</summary>
/// <param name="Plan">Number of the plan.</param>
/// <param name="Slices">The slices; perhaps none.</param>
/// <param name="Bytes">Bytes that they take.</param>
internal readonly record struct SliceShare(int Plan, IReadOnlyList<Slice> Slices, int Bytes);

/// <summary>The frame that ends a link.</summary>
/// <param name="Kind"><see cref="FrameKind.Bye"/> or <see cref="FrameKind.Refusal"/>.</param>
/// <param name="Reason">Text for people.</param>
/// <param name="ByeReason">Whether the run continues elsewhere.</param>
internal sealed record FinalFrame(FrameKind Kind, string Reason, ByeReason ByeReason = ByeReason.RunComplete);
