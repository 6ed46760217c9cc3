using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Worker.Lanes;

/// <summary>What computes for a session.</summary>
internal interface ILanes
{
    /// <summary>A buffer to receive the next weights into, once no lane reads it.</summary>
    WeightsBuffer TakeBuffer();

    /// <summary>Before the first step: the frozen part of the weights, which stays.</summary>
    void SetFrozen(ReadOnlySpan<float> values);

    /// <summary>
    /// From now on, what is sent is computed in these slots of memory that the coordinator reads, as far as they suffice.
    /// </summary>
    void ShareGradients(IReadOnlyList<AlignedBuffer> slots);

    /// <summary>A step begins: what is left of the one before is dropped, and what was handed over in shared memory is added up.</summary>
    void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes);

    /// <summary>More nodes of the current step. Ignored when that step is over.</summary>
    void Extend(long step, IReadOnlyList<TreeNode> nodes);
}
