using Lockstep.Shared.Restoring;

namespace Lockstep.Training;

/// <summary>Where the restored parameters of a run come from.</summary>
/// <param name="Path">Checkpoint or run folder.</param>
/// <param name="Rules">Which parameters, and under which names.</param>
internal sealed record RestoreOrigin(string Path, RestoreRules Rules);
