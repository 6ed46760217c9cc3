using System.Text.Json;
using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Watching;

namespace Lockstep.Chaos.Results;

/// <summary>The result for programs: <c>result.json</c>, and standard output with <c>--json</c>.</summary>
/// <param name="Outcome">The outcome, see <see cref="ChaosResult"/>.</param>
/// <param name="Message">What happened, if the weights are not the same.</param>
/// <param name="Steps">Steps of the run.</param>
/// <param name="Seconds">From the first weights to the end.</param>
/// <param name="ExamplesPerSecond">Over the whole training, without examples that were computed again.</param>
/// <param name="LongestWaitSeconds">The longest time without a new step.</param>
/// <param name="Disk">How the disk of checkpoints failed.</param>
/// <param name="CheckpointsRefused">Checkpoints that could not be written.</param>
/// <param name="WeightsSha256">Digest of the run's last weights; null if nothing was compared.</param>
/// <param name="UndisturbedSha256">Digest of the undisturbed run's last weights; likewise.</param>
/// <param name="TracedSteps">Steps that were compared; likewise.</param>
/// <param name="FirstDifferentStep">The first step with other weights; null when there is none.</param>
/// <param name="Faults">What happened, in order.</param>
internal sealed record ResultJson(
    string Outcome,
    string? Message,
    long Steps,
    double Seconds,
    double ExamplesPerSecond,
    double LongestWaitSeconds,
    string Disk,
    int CheckpointsRefused,
    string? WeightsSha256,
    string? UndisturbedSha256,
    long? TracedSteps,
    long? FirstDifferentStep,
    IReadOnlyList<ResultJson.HappenedFault> Faults)
{
    public static void Write(Utf8JsonWriter writer, ChaosResult result) =>
        JsonSerializer.Serialize(writer, Of(result), ResultContext.Default.ResultJson);

    /// <summary>Reads <c>result.json</c>; null where it is none.</summary>
    public static ResultJson? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ResultContext.Default.ResultJson) is { Outcome: not null, Faults: not null } result
                && result.Faults.All(happened => happened is { Planned.Fault: not null })
                ? result
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ResultJson Of(ChaosResult result) => new(
        result.Outcome,
        result.Message,
        result.Steps,
        Milliseconds(result.Story.End - result.Story.TrainingBegan),
        Math.Round(result.ExamplesPerSecond, 1),
        Milliseconds(result.Story.LongestWait),
        result.Disk,
        result.CheckpointsRefused,
        result.Comparison?.RunSha256,
        result.Comparison?.UndisturbedSha256,
        result.Comparison?.TracedSteps,
        result.Comparison?.FirstDifferentStep,
        [.. result.Story.Faults.Select(record => HappenedFault.Of(record, result))]);

    private static double Milliseconds(double seconds) => Math.Round(seconds, 3);

    /// <summary>A fault that happened.</summary>
    /// <param name="Number">Place in the plan, from 1 on.</param>
    /// <param name="Planned">The fault.</param>
    /// <param name="At">When it happened, in seconds after the run's first checkpoint.</param>
    /// <param name="Step">The last completed step then.</param>
    /// <param name="SecondsToRecover">Until a step begun after it was complete; null if none was.</param>
    /// <param name="StepsRepeated">Steps that were computed again.</param>
    /// <param name="WeightsEqual">Whether the weights were those of the undisturbed run after it; null if that is not known.</param>
    internal sealed record HappenedFault(
        int Number, FaultJson Planned, double At, long Step, double? SecondsToRecover, long StepsRepeated, bool? WeightsEqual)
    {
        public static HappenedFault Of(FaultRecord record, ChaosResult result) => new(
            record.Number,
            FaultJson.Of(record.Fault),
            Milliseconds(record.At - result.Origin),
            record.Step,
            record.SecondsToRecover is { } seconds ? Milliseconds(seconds) : null,
            record.StepsRepeated,
            result.IsEqualAfter(record));
    }
}
