using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Model.Specs;
using Lockstep.Sweeps;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>sweep</c>, and its <c>sweep.json</c>.</summary>
/// <param name="File">The file that says what to try.</param>
/// <param name="Folder">Where the run folders are.</param>
/// <param name="Metric">What trials are compared by: accuracy, loss or r2.</param>
/// <param name="Best">Run folder of the best trial; null while none is complete.</param>
/// <param name="Trials">The trials, the best first; those that are not complete come last.</param>
internal sealed record SweepJson(string File, string Folder, string Metric, string? Best, IReadOnlyList<SweepJson.Trial> Trials)
{
    /// <summary>The results in their order.</summary>
    public static SweepJson Of(
        string file, string folder, ValidationMetric metric, IReadOnlyList<TrialResult> ranked,
        Func<TrialResult, SweepPoint> pointOf) => new(
        file,
        folder,
        StopSpec.NameOf(metric),
        ranked.FirstOrDefault(result => result.State == TrialState.Completed)?.Folder,
        [.. ranked.Select(result => new Trial(
            result.Folder,
            JsonNamingPolicy.CamelCase.ConvertName(result.State.ToString()),
            pointOf(result).Values.ToDictionary(value => value.Key, value => value.Value),
            result.ValidationAccuracy,
            result.ValidationLoss,
            result.TestAccuracy,
            result.Epochs,
            result.Seconds,
            result.WeightsSha256,
            result.Message)
        {
            ValidationR2 = result.ValidationR2,
            TestR2 = result.TestR2,
        })]);

    /// <summary>One of the trials.</summary>
    /// <param name="Folder">Its run folder.</param>
    /// <param name="State">completed, stopped, failed or waiting.</param>
    /// <param name="Options">The options that vary.</param>
    /// <param name="ValidationAccuracy">Of its last evaluation, 0 to 1; null before one, or with targets.</param>
    /// <param name="ValidationLoss">Of its last evaluation; null before one.</param>
    /// <param name="TestAccuracy">0 to 1; null unless completed, or with targets.</param>
    /// <param name="Epochs">Completed ones; null where that is not known.</param>
    /// <param name="Seconds">Time of training, of its last part if it was interrupted; null unless completed.</param>
    /// <param name="WeightsSha256">Digest of the final weights; null unless completed.</param>
    /// <param name="Message">Why it failed; absent otherwise.</param>
    internal sealed record Trial(
        string Folder, string State, IReadOnlyDictionary<string, string> Options, double ValidationAccuracy, double ValidationLoss,
        double TestAccuracy, double Epochs, double Seconds, string? WeightsSha256,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message)
    {
        /// <summary>R² of targets at its last evaluation; absent for classes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? ValidationR2 { get; init; }

        /// <summary>R² of targets on the test examples; absent for classes, and unless completed.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? TestR2 { get; init; }
    }
}
