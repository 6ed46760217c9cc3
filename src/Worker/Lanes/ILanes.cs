using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Worker.Lanes;

/// <summary>Computes the gradients of a session.</summary>
internal interface ILanes
{
    /// <summary>
    /// Takes a buffer for the next weights, until <see cref="Begin"/> or <see cref="ReturnBuffer"/>. Waits until no lane reads it.
    /// </summary>
    WeightsBuffer TakeBuffer();

    /// <summary>Returns a buffer whose weights will not come.</summary>
    void ReturnBuffer(WeightsBuffer buffer);

    /// <summary>From now on, steps may begin without the caller's thread: no lane computes on it.</summary>
    void LeaveCaller();

    /// <summary>Sets the frozen part of the weights, before the first step.</summary>
    void SetFrozen(ReadOnlySpan<float> values);

    /// <summary>
    /// From now on, computes nodes that are sent in these shared-memory slots, as far as they suffice.
    /// </summary>
    void ShareGradients(IReadOnlyList<AlignedBuffer> slots);

    /// <summary>The examples of the steps before this one have arrived. Lanes wait for those of later steps.</summary>
    void HaveExamples(long untilStep);

    /// <summary>
    /// Begins a step: drops what remains of the previous one. Gradients handed over in shared memory have been added up by then.
    /// </summary>
    void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes);

    /// <summary>Adds nodes to a step: now, or when it begins. Ignored if it is over.</summary>
    void Extend(long step, IReadOnlyList<TreeNode> nodes);
}
