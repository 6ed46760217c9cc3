using System.Text.Json.Serialization;
using Lockstep.Verification;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>diff</c>.</summary>
/// <param name="Identical">Whether no step differs.</param>
/// <param name="FirstDifferentStep">The first step that differs; null when none does.</param>
/// <param name="SameSteps">The last step that is known to be the same; null when none is.</param>
/// <param name="ByTrace">Whether <paramref name="FirstDifferentStep"/> is exact: by the traces, not only by checkpoints.</param>
/// <param name="SameSpec">Whether the specs are the same as far as they count for the weights.</param>
/// <param name="Spec">Settings that differ.</param>
/// <param name="LargestDifference">The value that differs most; absent where no checkpoints could be compared.</param>
internal sealed record DifferenceJson(
    bool Identical,
    long? FirstDifferentStep,
    long? SameSteps,
    bool ByTrace,
    bool SameSpec,
    IReadOnlyList<DifferenceJson.Setting> Spec,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DifferenceJson.Value? LargestDifference)
{
    public static DifferenceJson Of(RunDifference difference) => new(
        difference.FirstStep is null,
        difference.FirstStep,
        difference.SameSteps,
        difference.ByTrace,
        difference.SameSpec,
        [.. (difference.Specs ?? []).Select(entry => new Setting(entry.Name, entry.First, entry.Second))],
        difference.Largest is { } largest ? Value.Of(largest.Step, largest.Value) : null);

    /// <summary>A setting, in the first run and in the second.</summary>
    internal sealed record Setting(string Name, string? A, string? B);

    /// <summary>The value that differs most, in the first run and in the second, after a step of which both have a checkpoint.</summary>
    /// <param name="Step">The step.</param>
    /// <param name="Parameter">The parameter.</param>
    /// <param name="Index">Where in the parameter, one number a dimension.</param>
    /// <param name="A">The value in the first run; null if it is not finite.</param>
    /// <param name="B">The value in the second run; null if it is not finite.</param>
    /// <param name="Differing">Number of values that differ.</param>
    /// <param name="Compared">Number of values that both have.</param>
    internal sealed record Value(long Step, string Parameter, IReadOnlyList<int> Index, double A, double B, long Differing, long Compared)
    {
        public static Value Of(long step, TensorDifference difference) => new(
            step, difference.Parameter, difference.Index, difference.First, difference.Second, difference.Differing, difference.Compared);
    }
}
