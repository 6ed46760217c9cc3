using Lockstep.Model.Reduction;
using Lockstep.Model.Training;

namespace Lockstep.Worker;

/// <summary>The gradient sum of a tree node on its way up the tree. Whoever holds it owns its buffer.</summary>
internal sealed class NodeResult(int length)
{
    public AlignedBuffer Gradient { get; } = new(length);

    public NodeStatistics Statistics { get; set; }
}
