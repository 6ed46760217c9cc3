namespace Lockstep.Shared.Checkpoints;

/// <summary>A checkpoint that was read and verified.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Checkpoint">Its content.</param>
/// <param name="Refused">Newer files that were passed over, with the reason of each; worth a warning.</param>
public sealed record LoadedCheckpoint(string Path, Checkpoint Checkpoint, IReadOnlyList<CheckpointException> Refused)
{
    /// <summary>What to tell the user of each file passed over.</summary>
    public IEnumerable<string> Warnings => Refused.Select(refused => $"{refused.Message} Going on from step {Checkpoint.Step} instead.");
}
