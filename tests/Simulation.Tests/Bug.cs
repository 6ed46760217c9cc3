namespace Lockstep.Simulation.Tests;

/// <summary>Bugs planted in the shells, to see that the simulation can fail. Those of the product are in <see cref="Mutants.ProductMutants"/>.</summary>
internal enum Bug
{
    None,

    /// <summary>A worker computes the next step with the weights that it has.</summary>
    ComputeWithOldWeights,

    /// <summary>What a dead worker owed is asked of others only when the one that joined from its address is ready.</summary>
    ForgetPredecessorOnly,

    /// <summary>A worker that joined within a step is asked for nodes but gets no weights.</summary>
    ReissueWithoutWeights,

    /// <summary>The weights that a lost worker was to get are not given back.</summary>
    LeakWeights,

    /// <summary>Weights that were not sent yet wait behind each other instead of being replaced.</summary>
    QueueWeights,

    /// <summary>Waiting is measured with a clock that somebody may set.</summary>
    WaitByWallClock,

    /// <summary>A worker uses a slot of shared memory again as soon as the gradient in it is announced.</summary>
    ReuseSlotAtOnce,

    /// <summary>A worker takes a result for one of the step under way when the weights were in the same memory.</summary>
    TellStepByBuffer,
}
