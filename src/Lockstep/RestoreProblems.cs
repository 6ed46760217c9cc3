using Lockstep.Shared.Restoring;

namespace Lockstep;

/// <summary>Says why a model cannot be restored as asked, and what would help.</summary>
internal static class RestoreProblems
{
    /// <exception cref="ArgumentException">The rules do not allow the plan; the message names every parameter.</exception>
    public static void ThrowIfAny(RestorePlan plan)
    {
        List<string> problems = [.. plan.MapProblems, .. plan.Refused.Select(row => Describe(row, plan))];
        if (problems.Count == 0 && plan.Tensors.Count == 0)
            problems.Add($"The rules leave no parameter to restore: loosen {nameof(RestoreRules.Include)} or {nameof(RestoreRules.Exclude)}.");
        if (problems.Count > 0)
            throw new ArgumentException($"The model cannot be restored as it is:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  {problem}"))}");
    }

    private static string Describe(RestoreRow row, RestorePlan plan) => row.Outcome switch
    {
        RestoreOutcome.WrongShape =>
            $"{row.Parameter} is {Shape(row.Shape)} in the model, {Shape(row.SourceShape)} in the source: initialise it by {nameof(RestoreRules.AllowShapeMismatch)} or {nameof(RestoreRules.Exclude)}.",
        RestoreOutcome.Missing =>
            $"{row.Parameter} {Shape(row.Shape)} is not in the source:{Likely(row, plan)} initialise it by {nameof(RestoreRules.AllowMissing)} or {nameof(RestoreRules.Exclude)}.",
        _ => $"{row.Source} {Shape(row.SourceShape)} of the source has no place in the model: leave it by {nameof(RestoreRules.AllowUnused)}, or name its place in {nameof(RestoreRules.Map)}.",
    };

    /// <summary>The one tensor that is left over and has the shape.</summary>
    private static string Likely(RestoreRow missing, RestorePlan plan)
    {
        RestoreRow[] fitting = [.. plan.Rows.Where(row => row.Outcome == RestoreOutcome.Unused && row.SourceShape!.SequenceEqual(missing.Shape!))];
        return fitting.Length == 1 ? $" map {fitting[0].Source} to it by {nameof(RestoreRules.Map)}, or" : "";
    }

    private static string Shape(IReadOnlyList<int>? shape) => $"[{string.Join(", ", shape ?? [])}]";
}
