using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;

namespace Lockstep.Runs;

/// <summary>Content of <c>summary.json</c>, and the result of a training for programs.</summary>
/// <param name="Outcome">A <see cref="RunOutcome"/>.</param>
/// <param name="WeightsSha256">Digest of the weights after the last step.</param>
/// <param name="Steps">Completed steps, those before a resume included.</param>
/// <param name="Epochs">Completed epochs; a fraction in the middle of one.</param>
/// <param name="Workers">Workers at the end.</param>
/// <param name="Lanes">Compute threads of all workers at the end.</param>
/// <param name="SlicedSteps">Steps in which workers exchanged slices, of this process's part; absent when there were none.</param>
/// <param name="Dataset">What was trained on.</param>
/// <param name="ValidationAccuracy">0 to 1; null when not completed, or with targets.</param>
/// <param name="TestAccuracy">0 to 1; null when not completed, or with targets.</param>
/// <param name="ValidationR2">R² of targets, at most 1; absent when not completed, or with classes.</param>
/// <param name="TestR2">Likewise on the test examples.</param>
/// <param name="Targets">Each target on the test examples; likewise.</param>
/// <param name="TrainSeconds">From the first batch to the last update, of this process.</param>
/// <param name="WallSeconds">From the beginning to the end of this process's part.</param>
/// <param name="ExamplesPerSecond">While training, of this process.</param>
/// <param name="FirstStep">Completed steps that this process's part began with.</param>
/// <param name="Checkpoint">The last checkpoint; null for none.</param>
/// <param name="Folder">The run folder; null where nothing is kept.</param>
/// <param name="StopReason">Why the run ended before its last step; absent when it did not.</param>
/// <param name="Best">The best validation result; absent when none was kept.</param>
/// <param name="Message">What happened and what to do; absent when completed.</param>
internal sealed record SummaryJson(
    string Outcome,
    string WeightsSha256,
    long Steps,
    double Epochs,
    int Workers,
    int Lanes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? SlicedSteps,
    SummaryJson.DatasetReference Dataset,
    double? ValidationAccuracy,
    double? TestAccuracy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ValidationR2,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? TestR2,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TargetJson>? Targets,
    double TrainSeconds,
    double WallSeconds,
    double ExamplesPerSecond,
    long FirstStep,
    string? Checkpoint,
    string? Folder,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StopReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SummaryJson.BestCheckpoint? Best,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message)
{
    public static SummaryJson Of(RunSummary summary)
    {
        RunResult result = summary.Result;
        return new SummaryJson(
            NameOf(result.Outcome),
            result.WeightsSha256,
            result.Steps,
            summary.Epochs,
            result.Workers,
            result.Lanes,
            result.SlicedSteps > 0 ? result.SlicedSteps : null,
            new DatasetReference(summary.Spec.Data.Name, summary.Spec.Data.Sha256),
            result.ValidationAccuracy,
            result.TestAccuracy,
            result.ValidationR2,
            result.TestR2,
            result.TestTargets is { } targets ? [.. targets.Select(TargetJson.Of)] : null,
            Math.Round(result.TrainSeconds, 3),
            Math.Round(summary.WallSeconds, 3),
            Math.Round(summary.ExamplesPerSecond, 1),
            result.FirstStep,
            result.Checkpoint,
            summary.Folder,
            result.StopReason,
            result.Best is { } best ? new BestCheckpoint(StopSpec.NameOf(best.Metric), best.Value, best.Step, best.Checkpoint) : null,
            result.Message);
    }

    /// <summary>An outcome as files have it, such as <c>handedOver</c>.</summary>
    public static string NameOf(RunOutcome outcome) => JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString());

    /// <summary>The best validation result.</summary>
    /// <param name="Metric">What is compared: accuracy, loss or r2.</param>
    /// <param name="Value">Its value.</param>
    /// <param name="Step">The first step that had it.</param>
    /// <param name="Checkpoint">The checkpoint of that step; null if it is not kept.</param>
    internal sealed record BestCheckpoint(string Metric, double Value, long Step, string? Checkpoint);

    /// <summary>Which data set it is.</summary>
    internal sealed record DatasetReference(string Name, string Sha256);
}
