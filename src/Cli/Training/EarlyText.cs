using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>What the result of a training says of its best checkpoint, and of an early end.</summary>
internal static class EarlyText
{
    /// <summary>Lines of the table of results.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(RunSummary summary)
    {
        RunResult result = summary.Result;
        if (result.StopReason is { } reason)
        {
            yield return (
                "stopped early", $"after step {Format.Count(result.Steps)} of {Format.Count(summary.Spec.TotalSteps)}: {reason}");
        }

        if (result.Best is { } best)
        {
            string value = Format.Metric(best.Metric, best.Value);
            string file = best.Checkpoint is { } path ? $": {path}" : ", not saved";
            yield return ("best checkpoint", $"step {Format.Count(best.Step)}, validation {StopSpec.WordOf(best.Metric)} {value}{file}");
        }
    }
}
