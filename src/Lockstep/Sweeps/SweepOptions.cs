namespace Lockstep.Sweeps;

/// <summary>How a sweep is run. No option influences a trial's weights.</summary>
public sealed record SweepOptions
{
    /// <summary>
    /// Folder of the sweep, created if need be: a run folder for each trial. Trials that are complete there are kept, others go on from
    /// their newest checkpoint.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Trials at the same time, each on one thread. 0, the default, is the number of processors that this process may use.
    /// </summary>
    public int Parallel { get; init; }

    /// <summary>When a trial begins; called for one trial at a time.</summary>
    public Action<SweepTrial>? OnBegin { get; init; }

    /// <summary>When a trial has ended, or is found complete; called for one trial at a time.</summary>
    public Action<TrialResult>? OnEnd { get; init; }
}
