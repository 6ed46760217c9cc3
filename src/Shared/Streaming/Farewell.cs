namespace Lockstep.Shared.Streaming;

/// <summary>
/// Why a leading coordinator says <see cref="FrameKind.Bye"/> to a standby or a worker: the frame's <see cref="FrameHeader.Node"/>.
/// </summary>
public enum Farewell
{
    /// <summary>All steps are done, and the last checkpoint was sent.</summary>
    RunComplete = 0,

    /// <summary>It was asked to stop, and leaves the run to a standby.</summary>
    HandsOver = 1,

    /// <summary>The run failed, or had no workers for too long: nobody is to go on with it.</summary>
    RunFailed = 2,
}
