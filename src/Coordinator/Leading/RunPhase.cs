namespace Lockstep.Coordinator.Leading;

/// <summary>Phase of a run.</summary>
internal enum RunPhase
{
    /// <summary>Waiting for enough ready workers.</summary>
    Gathering,

    /// <summary>Computing steps, or waiting for a worker.</summary>
    Training,

    /// <summary>All steps are done; the last evaluation and the last checkpoint are in progress.</summary>
    Ending,
}
