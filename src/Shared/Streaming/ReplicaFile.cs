namespace Lockstep.Shared.Streaming;

/// <summary>Which file of a run folder a <see cref="FrameKind.Replica"/> frame belongs to: its <see cref="FrameHeader.Node"/>.</summary>
public enum ReplicaFile
{
    /// <summary>The trace.</summary>
    Trace = 0,

    /// <summary>The metrics.</summary>
    Metrics = 1,

    /// <summary>The newest checkpoint.</summary>
    Checkpoint = 2,
}
