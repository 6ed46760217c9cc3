namespace Lockstep.Coordinator.Runs;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>All steps done, the final checkpoint written.</summary>
    Completed,

    /// <summary>Asked to stop; a checkpoint of the last step is written.</summary>
    Stopped,

    /// <summary>Asked to stop, and a standby goes on with the run; a checkpoint of the last step is written.</summary>
    HandedOver,

    /// <summary>Another coordinator is further with the run and leads it; this one stands by for it.</summary>
    Yielded,

    /// <summary>The run failed, for example because the final checkpoint could not be written.</summary>
    Failed,

    /// <summary>The cluster could not form, or lost its last worker for too long.</summary>
    ClusterLost,
}

/// <summary>The end of a run.</summary>
public sealed record RunResult
{
    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>For everything but <see cref="RunOutcome.Completed"/>: what happened and what to do, one paragraph.</summary>
    public string? Message { get; init; }

    /// <summary>Completed steps that this process's part of the run began with.</summary>
    public long FirstStep { get; init; }

    /// <summary>Completed steps of the run, those before a resume included.</summary>
    public required long Steps { get; init; }

    /// <summary>Digest of the weights after <see cref="Steps"/>.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>
    /// After a divergence: the completed steps whose weights are finite and gave a finite loss. Checkpoints up to it can begin another run; -1 is
    /// none. Null where the run did not diverge.
    /// </summary>
    public long? LastFiniteStep { get; init; }

    /// <summary>Path of the last checkpoint written, if any.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Share of right answers on the validation images with the final weights; null when not completed.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Share of right answers on the test images with the final weights; null when not completed.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>From the first batch sent to the last update applied, in seconds.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Examples trained on in this process's part of the run.</summary>
    public required long Examples { get; init; }

    /// <summary>Workers and lanes at the end of the run.</summary>
    public required int Workers { get; init; }

    /// <summary>Compute threads of all workers at the end of the run.</summary>
    public required int Lanes { get; init; }
}
