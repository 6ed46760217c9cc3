
namespace Lockstep.Chaos.Plans;

/// <summary>Kinds of faults. Most of them hit one process.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL. A worker is not started again, but a <see cref="Join"/> starts another; a coordinator is started again with its
    /// old command after a while.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Pause,

    /// <summary>Resets all connections of the process. It may connect again at once.</summary>
    Cut,

    /// <summary>Drops all bytes between the process and others for a while. No connection ends, so neither side knows.</summary>
    Partition,

    /// <summary>Limits the bandwidth of the process's connections for a while.</summary>
    Slow,

    /// <summary>SIGTERM. A coordinator is started again with its old command after a while.</summary>
    Leave,

    /// <summary>A new worker process joins.</summary>
    Join,

    /// <summary>Fills the disk of the leader's checkpoints for a while.</summary>
    Disk,
}
