using System.Text.Json.Serialization;
using Lockstep.Verification;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>verify</c>.</summary>
/// <param name="Identical">Whether all that was compared is the same.</param>
/// <param name="Steps">Steps that were trained again; absent after a difference.</param>
/// <param name="FirstDifferentStep">The first step that differs; absent when none does.</param>
/// <param name="Difference">What differs; null when nothing does.</param>
/// <param name="TracedSteps">Steps that were compared with the trace.</param>
/// <param name="Checkpoints">Checkpoints that were compared.</param>
/// <param name="WeightsSha256">Digest of the last weights that were trained again.</param>
internal sealed record VerificationJson(
    bool Identical,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Steps,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? FirstDifferentStep,
    string? Difference,
    long TracedSteps,
    int Checkpoints,
    string WeightsSha256)
{
    public static VerificationJson Of(VerificationResult result) => new(
        result.IsIdentical,
        result.IsIdentical ? result.Steps : null,
        result.IsIdentical ? null : result.Steps,
        result.Difference,
        result.TracedSteps,
        result.Checkpoints,
        result.WeightsSha256);
}
