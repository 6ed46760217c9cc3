using System.Text.Json.Serialization;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>runs</c>.</summary>
/// <param name="Runs">The runs, the newest first.</param>
internal sealed record RunsJson(IReadOnlyList<RunsJson.Run> Runs)
{
    /// <summary>One of the runs.</summary>
    /// <param name="Folder">Its folder.</param>
    /// <param name="State">One or two words, such as completed or unfinished.</param>
    /// <param name="Model">Its network; null if its configuration does not say.</param>
    /// <param name="Dataset">Name of its data set; likewise.</param>
    /// <param name="Step">Its last step that is known.</param>
    /// <param name="TotalSteps">Its length; null if its configuration does not say.</param>
    /// <param name="Changed">When it last saved or recorded anything, in UTC.</param>
    /// <param name="ValidationAccuracy">Of its last evaluation; null if it has none.</param>
    /// <param name="TestAccuracy">Of its end; null before that.</param>
    internal sealed record Run(
        string Folder, string State, string? Model, string? Dataset, long Step, long? TotalSteps, DateTime Changed,
        double ValidationAccuracy, double TestAccuracy)
    {
        /// <summary>R² of targets at its last evaluation; absent for classes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? ValidationR2 { get; init; }

        /// <summary>R² of targets at its end; absent for classes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? TestR2 { get; init; }
    }
}
