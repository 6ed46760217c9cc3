namespace Lockstep.Coordinator.Decisions;

/// <summary>What follows a completed step.</summary>
/// <param name="RecordsMetrics">A line of metrics is due.</param>
/// <param name="SavesSnapshot">A checkpoint is due. The final checkpoint is separate.</param>
/// <param name="EndsTraining">There are no more steps.</param>
internal readonly record struct StepEnd(bool RecordsMetrics, bool SavesSnapshot, bool EndsTraining);

/// <summary>
/// Decides what is due after a step. A pure function of the step, so a resumed run evaluates and saves at the same steps.
/// </summary>
internal sealed class StepEnds(long totalSteps, long evaluateEverySteps, long checkpointEverySteps)
{
    /// <summary>What follows after <paramref name="completedSteps"/> steps.</summary>
    /// <param name="completedSteps">Steps since the start of the run.</param>
    /// <param name="stopping">Whether the run was asked to stop after the current step.</param>
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
