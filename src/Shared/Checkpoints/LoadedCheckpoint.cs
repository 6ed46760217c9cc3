namespace Lockstep.Shared.Checkpoints;

/// <summary>A checkpoint that was read and verified.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Checkpoint">Its content.</param>
/// <param name="Refused">Newer files that were skipped, each with its reason; worth a warning.</param>
public sealed record LoadedCheckpoint(string Path, Checkpoint Checkpoint, IReadOnlyList<CheckpointException> Refused)
{
    /// <summary>A warning for each skipped file.</summary>
    public IEnumerable<string> Warnings => Refused.Select(refused => $"{refused.Message} Continuing from step {Checkpoint.Step} instead.");
}
