using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;

namespace Lockstep.Training;

/// <summary>Explains why a model cannot be restored as asked, and what to do.</summary>
internal static class RestoreProblems
{
    /// <exception cref="RequestException">The rules do not allow the plan; the message names every parameter.</exception>
    public static void ThrowIfAny(RestorePlan plan, ModelSpec model, TrainedModel source)
    {
        string from = source.Path ?? "the other model";
        string[] problems = [.. plan.MapProblems, .. plan.Refused.Select(row => Describe(row, plan))];
        if (problems.Length > 0)
        {
            throw new RequestException($"{model} cannot be restored from {from} as it is:{Environment.NewLine}"
                + string.Join(Environment.NewLine, problems.Append(AllAtOnce(plan)).OfType<string>().Select(problem => $"  {problem}")));
        }

        if (plan.Tensors.Count == 0)
            throw new RequestException($"Nothing of {from} goes into {model}: the options leave no parameter to restore. "
                + "Loosen --include or --exclude.");
    }

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

    private static string Describe(RestoreRow row, RestorePlan plan) => row.Outcome switch
    {
        RestoreOutcome.WrongShape =>
            $"{row.Parameter} is {ForeignText.Shape(row.Shape!)} in the model, {ForeignText.Shape(row.SourceShape!)} in the file. "
            + $"Initialise it with --allow-shape-mismatch or --exclude '{row.Parameter}'.",
        RestoreOutcome.Missing =>
            $"{row.Parameter} {ForeignText.Shape(row.Shape!)} is not in the file.{Likely(row, plan)} "
            + $"Initialise it with --allow-missing or --exclude '{row.Parameter}'.",
        _ => $"{row.Source} {ForeignText.Shape(row.SourceShape!)} of the file has no place in the model. "
            + $"Leave it there with --allow-unused, or say what it is with --map '{row.Source}=NAME'.",
    };

    /// <summary>An unused tensor with the same shape, else with a similar name.</summary>
    private static string Likely(RestoreRow missing, RestorePlan plan)
    {
        RestoreRow[] left = [.. plan.Rows.Where(row => row.Outcome == RestoreOutcome.Unused)];
        RestoreRow[] fitting = [.. left.Where(row => row.SourceShape!.SequenceEqual(missing.Shape!))];
        string? name = fitting.Length == 1
            ? fitting[0].Source
            : Spelling.Nearest(missing.Parameter!, (fitting.Length > 0 ? fitting : left).Select(row => row.Source!));
        return name is null ? "" : $" Did you mean its {name}? Then give --map '{name}={missing.Parameter}'.";
    }
}
