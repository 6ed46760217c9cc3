using System.Text.Json.Serialization;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>compare</c>.</summary>
/// <param name="SameWeights">Whether all runs have ended in the same weights.</param>
/// <param name="Runs">The runs, in the order they were given.</param>
internal sealed record ComparisonJson(bool SameWeights, IReadOnlyList<ComparisonJson.ComparedRun> Runs)
{
    /// <summary>One of the runs.</summary>
    /// <param name="Run">Its folder.</param>
    /// <param name="Model">Its network; null if it has no checkpoint.</param>
    /// <param name="Steps">Step of its newest checkpoint; 0 if it has none.</param>
    /// <param name="TrainLoss">Up to its last evaluation; null if it has none.</param>
    /// <param name="ValidationLoss">Of its last evaluation; likewise.</param>
    /// <param name="ValidationAccuracy">Of its last evaluation; null if it has none.</param>
    /// <param name="TestAccuracy">Of its end; null before that.</param>
    /// <param name="WeightsSha256">Digest of its newest checkpoint's weights; null if it has none.</param>
    /// <param name="Options">What its spec says of everything in which the runs differ; null for what is not known.</param>
    internal sealed record ComparedRun(
        string Run, string? Model, long Steps, double TrainLoss, double ValidationLoss, double ValidationAccuracy, double TestAccuracy,
        string? WeightsSha256, IReadOnlyDictionary<string, string?> Options)
    {
        /// <summary>R² of targets at its last evaluation; absent for classes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? ValidationR2 { get; init; }

        /// <summary>R² of targets at its end; absent for classes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? TestR2 { get; init; }
    }
}
