using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Worker.Lanes;

/// <summary>The gradient sum of a tree node on its way up the tree. Whoever holds it owns its buffer.</summary>
internal sealed class NodeResult(AlignedBuffer gradient, int? slot = null)
{
    public AlignedBuffer Gradient { get; } = gradient;

    /// <summary>Which slot of the memory shared with the coordinator it is, if it is one.</summary>
    public int? Slot { get; } = slot;

    public NodeStatistics Statistics { get; set; }
}
