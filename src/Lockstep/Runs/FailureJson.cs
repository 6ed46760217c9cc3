using System.Text.Json.Serialization;
using Lockstep.Coordinator.Runs;

namespace Lockstep.Runs;

/// <summary>Content of <c>failure.json</c>.</summary>
/// <param name="Outcome">A <see cref="RunOutcome"/>.</param>
/// <param name="Message">What happened.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="TotalSteps">Steps of the run.</param>
/// <param name="Checkpoint">The last checkpoint; null for none.</param>
/// <param name="WhatToDo">What to do next.</param>
/// <param name="WorkersLost">Workers that were lost or refused, the last ones, in order.</param>
internal sealed record FailureJson(
    string Outcome,
    string? Message,
    long Step,
    long TotalSteps,
    string? Checkpoint,
    string WhatToDo,
    IReadOnlyList<FailureJson.LostWorker> WorkersLost)
{
    public static FailureJson Of(FailureReport report)
    {
        RunResult result = report.Summary.Result;
        return new FailureJson(
            SummaryJson.NameOf(result.Outcome),
            result.Message,
            result.Steps,
            report.Summary.Spec.TotalSteps,
            result.Checkpoint,
            report.Advice,
            [.. report.Losses.Select(LostWorker.Of)]);
    }

    /// <summary>What became of one worker; without <paramref name="Process"/> where its process was not started here.</summary>
    internal sealed record LostWorker(
        DateTime Time,
        string Worker,
        long Step,
        string Reason,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Process)
    {
        public static LostWorker Of(FailureReport.Loss loss) =>
            new(loss.Time.UtcDateTime, loss.Worker, loss.Step, loss.Reason, loss.ProcessEnd);
    }
}
