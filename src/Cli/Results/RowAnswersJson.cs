using Lockstep.Cli.Predictions;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>predict --rows</c>.</summary>
/// <param name="Checkpoint">The checkpoint that was asked.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="File">The file.</param>
/// <param name="Classes">Names of the classes.</param>
/// <param name="Predictions">An answer for each row.</param>
internal sealed record RowAnswersJson(
    string? Checkpoint,
    long Step,
    string WeightsSha256,
    string File,
    IReadOnlyList<string> Classes,
    IReadOnlyList<RowAnswersJson.RowAnswer> Predictions)
{
    public static RowAnswersJson Of(RowAnswers answers) => new(
        answers.Model.Path,
        answers.Model.Step,
        answers.Model.WeightsSha256,
        answers.File,
        [.. Enumerable.Range(0, answers.Model.Model.Classes).Select(answers.Model.Run.Data.ClassName)],
        [.. answers.Rows.Select(row => new RowAnswer(
            row, answers.Files?[row], answers.AnswerTo(row), answers.Model.Run.Data.ClassName(answers.AnswerTo(row)),
            [.. answers.ProbabilitiesOf(row)]))]);

    /// <summary>The answer to a row.</summary>
    /// <param name="Row">Its number, from 0 on.</param>
    /// <param name="File">The picture below the folder; null for a row of a file.</param>
    /// <param name="Answer">The most probable class.</param>
    /// <param name="AnswerName">Its name.</param>
    /// <param name="Probabilities">Probability of each class; null for one that is not finite.</param>
    internal sealed record RowAnswer(int Row, string? File, int Answer, string AnswerName, IReadOnlyList<float> Probabilities);
}
