namespace Lockstep.Coordinator.Runs;

/// <summary>How weights and gradients travel. It affects only the time of a step, never the weights.</summary>
public enum Transport
{
    /// <summary>
    /// Through shared memory to workers of this machine and user; to those of other machines through the network, in slices if steps are
    /// measurably faster so.
    /// </summary>
    Automatic,

    /// <summary>Through the network, between the coordinator and every worker.</summary>
    Stream,

    /// <summary>
    /// Through the network, in slices: each worker adds up one slice of the gradient for all, so that no line carries more than about two
    /// gradients a step.
    /// </summary>
    Slices,
}
