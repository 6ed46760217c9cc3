namespace Lockstep.Chaos.Watching;

/// <summary>The observed state of a worker.</summary>
internal enum WorkerState
{
    /// <summary>A process that receives no weights: starting, joining, or lost.</summary>
    Idle,

    /// <summary>The coordinator sends it weights.</summary>
    Computing,

    /// <summary>No process.</summary>
    Gone,
}
