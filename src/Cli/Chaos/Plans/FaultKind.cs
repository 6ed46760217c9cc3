namespace Lockstep.Cli.Chaos.Plans;

/// <summary>What is done to a run.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL to a worker. It does not come back; a <see cref="Join"/> brings another.</summary>
    Kill,

    /// <summary>SIGSTOP to a worker, SIGCONT after a while.</summary>
    Pause,

    /// <summary>All connections of a worker are reset. It may connect again at once.</summary>
    Cut,

    /// <summary>Nothing passes between a worker and the coordinator for a while, and neither side is told: no connection ends.</summary>
    Partition,

    /// <summary>A worker's connections pass few bytes a second for a while.</summary>
    Slow,

    /// <summary>A new worker process joins.</summary>
    Join,

    /// <summary>SIGTERM to a worker.</summary>
    Leave,

    /// <summary>The disk that checkpoints go to is full for a while.</summary>
    Disk,

    /// <summary>SIGKILL to the coordinator, and after a while another one that resumes the run.</summary>
    Restart,
}
