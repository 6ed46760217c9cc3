namespace Lockstep.Shared.Checkpoints;

/// <summary>What is wrong with a checkpoint.</summary>
public enum CheckpointError
{
    /// <summary>No such file, or no checkpoint in the folder.</summary>
    NotFound,

    /// <summary>The file is shorter than it says: writing or copying it was cut off.</summary>
    Truncated,

    /// <summary>The file's content changed after it was written.</summary>
    Damaged,

    /// <summary>Another version of Lockstep wrote it.</summary>
    UnknownVersion,

    /// <summary>Not a checkpoint, or one whose content contradicts itself.</summary>
    Invalid,

    /// <summary>A valid checkpoint with NaN or infinity: it can be displayed, and nothing else.</summary>
    NotFinite,

    /// <summary>The disk or its permissions failed.</summary>
    Io,
}
