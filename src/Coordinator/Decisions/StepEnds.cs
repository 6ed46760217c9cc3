namespace Lockstep.Coordinator.Decisions;

/// <summary>What follows a completed step.</summary>
/// <param name="RecordsMetrics">A line of metrics is due.</param>
/// <param name="SavesSnapshot">A checkpoint is due; the one at the end of training is not counted.</param>
/// <param name="EndsTraining">There are no more steps.</param>
internal readonly record struct StepEnd(bool RecordsMetrics, bool SavesSnapshot, bool EndsTraining);

/// <summary>Decides what is due after which step. A pure function of the step, so that a resumed run does what the first one would have done.</summary>
internal sealed class StepEnds(long totalSteps, long evaluateEverySteps, long checkpointEverySteps)
{
    /// <summary>What follows when <paramref name="completedSteps"/> are done.</summary>
    /// <param name="completedSteps">Steps since the start of the run.</param>
    /// <param name="stopping">The run was asked to stop after the step under way.</param>
    public StepEnd After(long completedSteps, bool stopping)
    {
        bool last = completedSteps == totalSteps;
        return new StepEnd(
            RecordsMetrics: last || IsDue(evaluateEverySteps),
            SavesSnapshot: !last && !stopping && IsDue(checkpointEverySteps),
            EndsTraining: last || stopping);

        bool IsDue(long every) => every > 0 && completedSteps % every == 0;
    }
}
