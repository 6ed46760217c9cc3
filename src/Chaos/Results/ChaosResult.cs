using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Watching;
using Lockstep.Wording;

namespace Lockstep.Chaos.Results;

/// <summary>The result of a run under faults.</summary>
/// <param name="Outcome">
/// One of <see cref="Same"/>, <see cref="Different"/>, <see cref="Stopped"/>, or that of a <see cref="Processes.ChaosFailure"/>.
/// </param>
/// <param name="Message">What happened, if the weights are not the same.</param>
/// <param name="Plan">What was planned.</param>
/// <param name="Story">What was seen.</param>
/// <param name="Origin">When the plan began, in seconds of the story.</param>
/// <param name="Comparison">The comparison with the undisturbed run; null if there was none.</param>
/// <param name="BatchSize">Examples in a step.</param>
/// <param name="Disk">How the disk of checkpoints failed.</param>
/// <param name="CheckpointsRefused">Checkpoints that could not be written.</param>
internal sealed record ChaosResult(
    string Outcome,
    string? Message,
    ChaosPlan Plan,
    RunStory Story,
    double Origin,
    Comparison? Comparison,
    long BatchSize,
    string Disk,
    int CheckpointsRefused)
{
    /// <summary>The weights are those of the undisturbed run.</summary>
    public const string Same = "same";

    /// <summary>The weights differ from those of the undisturbed run.</summary>
    public const string Different = "different";

    /// <summary>The user stopped it before there was a result.</summary>
    public const string Stopped = "stopped";

    /// <summary>Steps of the run; the last one may be completed after the story's end.</summary>
    public long Steps => Comparison?.Steps ?? Story.LastStep;

    /// <summary>Examples a second over the whole training, faults included, without those that were computed again.</summary>
    public double ExamplesPerSecond => Story.StepsPerSecond * BatchSize;

    /// <summary>Number of different kinds of faults that happened.</summary>
    public int Kinds => Story.Faults.Select(record => record.Fault.Name).Distinct().Count();

    /// <summary>The result in one sentence.</summary>
    public string Verdict
    {
        get
        {
            string faults = $"{Format.Plural(Story.Faults.Count, "fault")} of {Format.Plural(Kinds, "kind")}";
            return Outcome switch
            {
                Same => $"the same bytes: {faults} changed nothing in {Format.Plural(Comparison!.Steps, "step")}",
                Different => $"DIFFERENT BYTES after {faults}: {Message}",
                Stopped => "stopped before there was a result",
                _ => $"{Outcome.ToUpperInvariant()} after {faults}: {Message}",
            };
        }
    }

    /// <summary>Whether the weights after the recovery from a fault were those of the undisturbed run; null if that is not known.</summary>
    public bool? IsEqualAfter(FaultRecord record) =>
        Comparison is null || record.RecoveredAt is null
            ? null
            : Comparison.FirstDifferentStep is not { } different || record.Target < different;
}
