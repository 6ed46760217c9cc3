using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Runs;

namespace Lockstep.Sweeps;

/// <summary>What came of a trial, as its run folder says.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Folder">Its run folder.</param>
/// <param name="State">How far it is.</param>
public sealed record TrialResult(SweepTrial Trial, string Folder, TrialState State)
{
    /// <summary>Why it failed, one paragraph; null if it did not.</summary>
    public string? Message { get; init; }

    /// <summary>
    /// Share of right answers at its last evaluation on the validation examples, 0 to 1; NaN before one, or with targets.
    /// </summary>
    public double ValidationAccuracy { get; init; } = double.NaN;

    /// <summary>R² of targets at that evaluation, at most 1; null before one, or with classes.</summary>
    public double? ValidationR2 { get; init; }

    /// <summary>Mean loss at that evaluation; NaN before one.</summary>
    public double ValidationLoss { get; init; } = double.NaN;

    /// <summary>Share of right answers on the test examples, 0 to 1; NaN unless it is complete, or with targets.</summary>
    public double TestAccuracy { get; init; } = double.NaN;

    /// <summary>R² of targets on the test examples, at most 1; null unless it is complete, or with classes.</summary>
    public double? TestR2 { get; init; }

    /// <summary>Completed epochs; NaN where that is not known.</summary>
    public double Epochs { get; init; } = double.NaN;

    /// <summary>Time of training in seconds, of its last part if it was interrupted; NaN where that is not known.</summary>
    public double Seconds { get; init; } = double.NaN;

    /// <summary>Digest of its final weights; null unless it is complete.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>A validation result; NaN before an evaluation, or where the data has none.</summary>
    public double Of(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Loss => ValidationLoss,
        ValidationMetric.R2 => ValidationR2 ?? double.NaN,
        _ => ValidationAccuracy,
    };

    /// <summary>
    /// The best first, by a validation result, of equal ones by the loss; then those that are not complete, as they come.
    /// </summary>
    /// <param name="results">Those of a sweep.</param>
    /// <param name="metric">What is compared.</param>
    public static IReadOnlyList<TrialResult> Rank(IEnumerable<TrialResult> results, ValidationMetric metric) =>
    [
        .. results.OrderBy(result => result.State != TrialState.Completed)
            .ThenBy(result => result.State != TrialState.Completed ? 0
                : metric == ValidationMetric.Loss ? result.ValidationLoss : -result.Of(metric))
            .ThenBy(result => result.State != TrialState.Completed ? 0 : result.ValidationLoss),
    ];

    /// <summary>Reads what a run folder says.</summary>
    internal static TrialResult Read(SweepTrial trial, string folder, TrialState state, string? message)
    {
        var result = new TrialResult(trial, folder, state) { Message = message };
        if (!RunFolder.IsRun(folder))
            return result;
        var run = RunRecord.Read(folder, withCheckpoint: false);
        if (run.Metrics.Count > 0)
        {
            MetricsRow last = run.Metrics[^1];
            result = result with
            {
                ValidationAccuracy = last.ValidationAccuracy,
                ValidationR2 = last.ValidationR2,
                ValidationLoss = last.ValidationLoss,
                Epochs = last.Epoch,
            };
        }

        return state != TrialState.Completed ? result : result with
        {
            TestAccuracy = run.TestAccuracy,
            TestR2 = run.TestR2,
            Epochs = run.Summary.Number("epochs") ?? double.NaN,
            Seconds = run.Summary.Number("trainSeconds") ?? double.NaN,
            WeightsSha256 = run.SummaryText("weightsSha256"),
        };
    }
}
