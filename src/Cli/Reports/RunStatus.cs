using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>How a run stands, from its summary, its metrics and its checkpoint.</summary>
/// <param name="Word">One or two words.</param>
/// <param name="Kind">Class of the style: good, bad or soft.</param>
/// <param name="Text">A sentence.</param>
internal sealed record RunStatus(string Word, string Kind, string Text)
{
    public static RunStatus Of(RunRecord run) => Of(
        run, Math.Max(run.Metrics.Count == 0 ? 0 : run.Metrics[^1].Step, run.Checkpoint?.Checkpoint.Step ?? 0), run.Spec?.TotalSteps);

    /// <summary>How a run stands.</summary>
    /// <param name="run">What its folder says.</param>
    /// <param name="reached">The last step that is known of.</param>
    /// <param name="length">Length of the run; null where it is not known.</param>
    public static RunStatus Of(RunRecord run, long reached, long? length)
    {
        string of = length is { } total ? $" of {Format.Count(total)}" : "";
        string? outcome = run.SummaryText("outcome");
        if (outcome is null)
            return new RunStatus(
                "unfinished", "soft",
                $"The run has not written how it ended: it is under way, or was killed. It got to step {Format.Count(reached)}{of} "
                    + "at least.");
        long ended = run.SummarySteps ?? 0;
        if (reached > ended)
            return new RunStatus(
                "unfinished", "soft",
                $"The run ended once at step {Format.Count(ended)}, was resumed, and got to step {Format.Count(reached)}{of} at least.");
        string message = run.SummaryText("message") is { } said ? $" {said}" : "";
        return outcome switch
        {
            "completed" when run.SummaryText("stopReason") is { } reason => new RunStatus(
                "stopped early", "good", $"Stopped early after step {Format.Count(ended)}{of}: {reason}."),
            "completed" => new RunStatus("completed", "good", $"All {Format.Plural(ended, "step")} are done."),
            "stopped" => new RunStatus("stopped", "soft", $"Stopped after step {Format.Count(ended)}{of}, and saved.{message}"),
            "handedOver" => new RunStatus("handed over", "soft", $"A standby went on after step {Format.Count(ended)}{of}.{message}"),
            "replaced" => new RunStatus(
                "replaced", "soft", $"Another coordinator took over; this one got to step {Format.Count(ended)}{of}.{message}"),
            "clusterLost" => new RunStatus("cluster lost", "bad", $"The cluster was lost after step {Format.Count(ended)}{of}.{message}"),
            _ => new RunStatus("failed", "bad", $"Failed after step {Format.Count(ended)}{of}.{message}"),
        };
    }
}
