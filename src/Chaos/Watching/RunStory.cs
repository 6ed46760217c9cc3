namespace Lockstep.Chaos.Watching;

/// <summary>What was observed of a run. All times are seconds of the watch.</summary>
/// <param name="End">When it was over.</param>
/// <param name="Workers">Every worker, present or past, in the order of their numbers.</param>
/// <param name="Faults">Every fault, in order.</param>
/// <param name="Steps">Completed steps, sampled several times a second.</param>
/// <param name="Terms">Who led, from the first weights on.</param>
/// <param name="Coordinators">When coordinators had a process, change by change.</param>
/// <param name="Checkpoints">When the checkpoint of a step was first seen.</param>
/// <param name="LongestWait">The longest time without a new step, in seconds.</param>
internal sealed record RunStory(
    double End, IReadOnlyList<WorkerTrack> Workers, IReadOnlyList<FaultRecord> Faults, IReadOnlyList<(double At, long Step)> Steps,
    IReadOnlyList<Leadership> Terms, IReadOnlyList<CoordinatorChange> Coordinators,
    IReadOnlyList<(double At, long Step)> Checkpoints, double LongestWait)
{
    /// <summary>When the first weights went out.</summary>
    public double TrainingBegan => Terms.Count == 0 ? End : Terms[0].At;

    /// <summary>Completed steps at the end.</summary>
    public long LastStep => Steps.Count == 0 ? 0 : Steps[^1].Step;

    /// <summary>Steps a second over the whole training, without those that were computed again.</summary>
    public double StepsPerSecond => End > TrainingBegan ? LastStep / (End - TrainingBegan) : 0;
}

/// <summary>The beginning of a term.</summary>
/// <param name="At">When its first weights went out.</param>
/// <param name="Coordinator">Its number.</param>
/// <param name="Term">The term.</param>
internal readonly record struct Leadership(double At, int Coordinator, int Term);

/// <summary>A coordinator's process begins or ends.</summary>
/// <param name="At">When.</param>
/// <param name="Number">The coordinator's number.</param>
/// <param name="IsUp">Whether it has a process now.</param>
internal readonly record struct CoordinatorChange(double At, int Number, bool IsUp);
