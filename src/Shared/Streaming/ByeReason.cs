namespace Lockstep.Shared.Streaming;

/// <summary>
/// Why a leader sends <see cref="FrameKind.Bye"/> to a standby or a worker. Transferred as <see cref="FrameHeader.Node"/>.
/// </summary>
public enum ByeReason
{
    /// <summary>All steps are done, and the last checkpoint was sent.</summary>
    RunComplete = 0,

    /// <summary>The leader was asked to stop, and a standby continues the run.</summary>
    HandsOver = 1,

    /// <summary>The run failed, or had no workers for too long. Nobody continues it.</summary>
    RunFailed = 2,
}
