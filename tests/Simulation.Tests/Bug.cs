namespace Lockstep.Simulation.Tests;

/// <summary>Bugs planted in the shells, in the disk or in what surrounds the decisions, to see that the simulation can fail.</summary>
internal enum Bug
{
    None,

    /// <summary>Gradients are added in the order in which they come.</summary>
    ArrivalOrderSum,

    /// <summary>A second copy of a node is added too.</summary>
    CountDuplicate,

    /// <summary>A gradient of another step is taken for one of this step.</summary>
    AcceptStaleStep,

    /// <summary>Frames of an older term pass.</summary>
    AcceptStaleTerm,

    /// <summary>Frames of another run pass.</summary>
    AcceptOtherRun,

    /// <summary>Checkpoints hold no momentum.</summary>
    ForgetMomentum,

    /// <summary>A resumed run goes on one step later than its checkpoint.</summary>
    ResumeOneStepLate,

    /// <summary>A resumed run forgets the statistics that were not reported yet.</summary>
    ForgetUnreported,

    /// <summary>Dropout masks depend on who computes.</summary>
    MaskKeyedByWorker,

    /// <summary>A worker computes the next step with the weights that it has.</summary>
    ComputeWithOldWeights,

    /// <summary>Checkpoints get their name before their content is safe.</summary>
    RenameBeforeFlush,

    /// <summary>The folder is not flushed: new names may be lost.</summary>
    FolderNotFlushed,

    /// <summary>The digest of a checkpoint is not checked.</summary>
    SkipDigest,

    /// <summary>What a lost worker owed is asked of others once in a step, and not again when they are lost too.</summary>
    ReissueOnlyOnce,

    /// <summary>A lost worker stays in the roster.</summary>
    KeepLostWorker,

    /// <summary>What a dead worker owed is asked of others only when the one that joined from its address is ready.</summary>
    ForgetPredecessorOnly,

    /// <summary>A worker that joined within a step is asked for nodes but gets no weights.</summary>
    ReissueWithoutWeights,

    /// <summary>Buffers of gradients that are not needed are not given back.</summary>
    LeakGradients,

    /// <summary>The weights that a lost worker was to get are not given back.</summary>
    LeakWeights,

    /// <summary>Weights that were not sent yet wait behind each other instead of being replaced.</summary>
    QueueWeights,

    /// <summary>Waiting is measured with a clock that somebody may set.</summary>
    WaitByWallClock,

    /// <summary>A worker that wants to leave is let go before it has answered.</summary>
    LetGoAtOnce,

    /// <summary>A worker that wants to leave is not listened to.</summary>
    IgnoreLeaving,

    /// <summary>What a leaving worker owes is asked of others at once.</summary>
    TakeLeavingForLost,

    /// <summary>A step is written into the weights that are published already.</summary>
    UpdateInPlace,

    /// <summary>A worker uses a slot of shared memory again as soon as the gradient in it is announced.</summary>
    ReuseSlotAtOnce,

    /// <summary>A worker takes a result for one of the step under way when the weights were in the same memory.</summary>
    TellStepByBuffer,
}
