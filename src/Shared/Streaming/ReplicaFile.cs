namespace Lockstep.Shared.Streaming;

/// <summary>
/// The file of a run folder that a <see cref="FrameKind.Replica"/> frame belongs to. Transferred as <see cref="FrameHeader.Node"/>.
/// </summary>
public enum ReplicaFile
{
    /// <summary>The trace.</summary>
    Trace = 0,

    /// <summary>The metrics.</summary>
    Metrics = 1,

    /// <summary>The newest checkpoint.</summary>
    Checkpoint = 2,

    /// <summary>The checkpoint with the best validation result.</summary>
    Best = 3,
}
