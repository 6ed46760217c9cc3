
namespace Lockstep.Chaos.Plans;

/// <summary>What is done to a run, most of it to one process.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL. A worker does not come back, but a <see cref="Join"/> brings another; a coordinator is started again by its old command after a while.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Pause,

    /// <summary>All connections of the process are reset. It may connect again at once.</summary>
    Cut,

    /// <summary>Nothing passes between the process and others for a while, and neither side is told: no connection ends.</summary>
    Partition,

    /// <summary>The connections of the process pass few bytes a second for a while.</summary>
    Slow,

    /// <summary>SIGTERM. A coordinator is started again by its old command after a while.</summary>
    Leave,

    /// <summary>A new worker process joins.</summary>
    Join,

    /// <summary>The disk that the leader's checkpoints go to is full for a while.</summary>
    Disk,
}
