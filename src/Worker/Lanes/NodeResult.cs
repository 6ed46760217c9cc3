using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Worker.Lanes;

/// <summary>The gradient sum of a tree node. The holder owns its buffer.</summary>
internal sealed class NodeResult(AlignedBuffer gradient, int? slot = null)
{
    public AlignedBuffer Gradient { get; } = gradient;

    /// <summary>Its slot in the memory shared with the coordinator; null for none.</summary>
    public int? Slot { get; } = slot;

    public NodeStatistics Statistics { get; set; }
}
