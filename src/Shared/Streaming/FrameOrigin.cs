namespace Lockstep.Shared.Streaming;

/// <summary>The run and term that the frames of a stream must have.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The coordinator's term.</param>
public readonly record struct FrameOrigin(ulong Run, int Term)
{
    /// <summary>Why a frame does not belong to this stream, for people; null if it does.</summary>
    public string? Objection(in FrameHeader header)
    {
        if (header.Run != Run)
            return $"it sent a {header.Kind} frame of run {header.Run:x16}; this is run {Run:x16}";
        if (header.Term != Term)
            return $"it sent a {header.Kind} frame of term {header.Term}; this is term {Term} of the run's coordinator";
        return null;
    }
}
