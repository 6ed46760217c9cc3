namespace Lockstep.Sweeps;

/// <summary>How far a trial is.</summary>
public enum TrialState
{
    /// <summary>Not begun.</summary>
    Waiting,

    /// <summary>All steps done, or its rule ended it early.</summary>
    Completed,

    /// <summary>Interrupted; a checkpoint is saved.</summary>
    Stopped,

    /// <summary>It diverged, or could not be trained or saved.</summary>
    Failed,
}
