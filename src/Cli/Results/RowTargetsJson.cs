using Lockstep.Cli.Predictions;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>predict --rows</c> with a model of targets.</summary>
/// <param name="Checkpoint">The checkpoint that was asked.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="File">The file.</param>
/// <param name="Targets">Names of the targets.</param>
/// <param name="Predictions">The numbers of each row, in the units of the training data; null for one that is not finite.</param>
internal sealed record RowTargetsJson(
    string? Checkpoint,
    long Step,
    string WeightsSha256,
    string File,
    IReadOnlyList<string> Targets,
    IReadOnlyList<RowTargetsJson.RowNumbers> Predictions)
{
    public static RowTargetsJson Of(RowTargets answers) => new(
        answers.Model.Path,
        answers.Model.Step,
        answers.Model.WeightsSha256,
        answers.File,
        answers.Names,
        [.. Enumerable.Range(0, answers.Count).Select(row => new RowNumbers(row, [.. answers.ValuesOf(row)]))]);

    /// <summary>The numbers of a row.</summary>
    /// <param name="Row">Its number, from 0 on.</param>
    /// <param name="Values">One for each target.</param>
    internal sealed record RowNumbers(int Row, IReadOnlyList<double> Values);
}
