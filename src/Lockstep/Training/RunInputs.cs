using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Training;

/// <summary>A training that is checked and ready to begin.</summary>
/// <param name="Spec">What is trained.</param>
/// <param name="Data">The examples.</param>
/// <param name="Start">State before its first step.</param>
/// <param name="Restored">Parameters of the start that come from another model.</param>
/// <param name="ResumedFrom">The checkpoint that <paramref name="Start"/> was read from; null where it was not.</param>
/// <param name="IsResumed">Whether <paramref name="Start"/> was reached by training.</param>
/// <param name="Origin">What <c>config.json</c> says of where restored parameters come from.</param>
internal sealed record RunInputs(
    RunSpec Spec,
    Dataset Data,
    Checkpoint Start,
    IReadOnlyList<NamedTensor> Restored,
    string? ResumedFrom,
    bool IsResumed,
    RestoreOrigin? Origin = null);
