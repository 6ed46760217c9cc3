using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;

namespace Lockstep.Training;

/// <summary>Explains why a model cannot be restored as asked, and what to do.</summary>
internal static class RestoreProblems
{
    /// <exception cref="RequestException">The rules do not allow the plan; the message names every parameter.</exception>
    public static void ThrowIfAny(RestorePlan plan, RestoreRules rules, ModelSpec model, TrainedModel source)
    {
        string from = source.Path ?? "the other model";
        string[] problems = [.. plan.MapProblems, .. plan.Refused.Select(Describe)];
        if (problems.Length > 0)
        {
            throw new RequestException($"{model} cannot be restored from {from} as it is:{Environment.NewLine}"
                + string.Join(Environment.NewLine, problems.Append(Renamed(plan, rules)).Append(AllAtOnce(plan)).OfType<string>()
                    .Select(problem => $"  {problem}")));
        }

        if (plan.Tensors.Count == 0)
            throw new RequestException($"Nothing of {from} goes into {model}: the options leave no parameter to restore. "
                + "Loosen --include or --exclude.");
    }

    private static string? Renamed(RestorePlan plan, RestoreRules rules) =>
        NameMap.Suggest(plan, rules.Map, (theirs, ours) => theirs.SequenceEqual(ours)) is { } map
            ? $"Are these the names? Then give --map {ShellWord.Quoted(map.ToString())}"
            : null;

    /// <summary>The one set of options that allows everything that is refused; null where each refusal already names its own.</summary>
    private static string? AllAtOnce(RestorePlan plan)
    {
        RestoreRow[] refused = [.. plan.Refused];
        if (refused.Length < 2)
            return null;
        IEnumerable<string> flags = refused.Select(row => row.Outcome switch
        {
            RestoreOutcome.WrongShape => "--allow-shape-mismatch",
            RestoreOutcome.Missing => "--allow-missing",
            _ => "--allow-unused",
        });
        return $"To allow all of this: {string.Join(' ', flags.Distinct())}.";
    }

    private static string Describe(RestoreRow row) => row.Outcome switch
    {
        RestoreOutcome.WrongShape =>
            $"{row.Parameter} is {ForeignText.Shape(row.Shape!)} in the model, {ForeignText.Shape(row.SourceShape!)} in the file. "
            + $"Initialise it with --allow-shape-mismatch or --exclude {ShellWord.Quoted(row.Parameter!)}.",
        RestoreOutcome.Missing =>
            $"{row.Parameter} {ForeignText.Shape(row.Shape!)} is not in the file. "
            + $"Initialise it with --allow-missing or --exclude {ShellWord.Quoted(row.Parameter!)}.",
        _ => $"{row.Source} {ForeignText.Shape(row.SourceShape!)} of the file has no place in the model. "
            + "Leave it there with --allow-unused, or say what it is with --map.",
    };
}
