using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep;

/// <summary>A training that is checked and ready to begin.</summary>
/// <param name="Spec">What is trained.</param>
/// <param name="Data">The images.</param>
/// <param name="Start">State before its first step.</param>
/// <param name="Restored">Parameters of the start that come from another model.</param>
/// <param name="IsResumed">Whether <paramref name="Start"/> was reached by training.</param>
/// <param name="CheckpointDirectory">Where checkpoints go, or null.</param>
/// <param name="KeepCheckpoints">Newest checkpoints to keep.</param>
internal sealed record RunInputs(
    RunSpec Spec, Dataset Data, Checkpoint Start, IReadOnlyList<NamedTensor> Restored, bool IsResumed, string? CheckpointDirectory, int KeepCheckpoints);
