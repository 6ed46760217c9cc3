using System.Text.Json.Serialization;
using Lockstep.Cli.Training;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;
using Lockstep.Runs;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>evaluate</c>.</summary>
/// <param name="Checkpoint">The checkpoint that was evaluated.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="Dataset">What it was evaluated on.</param>
/// <param name="Split">Which part of it: train, validation or test; null for all of a file.</param>
/// <param name="Examples">Number of examples.</param>
/// <param name="Loss">Mean loss; null if it is not finite.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1; absent with targets, as all that follows of classes.</param>
/// <param name="Classes">Scores of each class, in order.</param>
/// <param name="Confusion">Number of images [label, answer].</param>
/// <param name="R2">R² of targets, the mean over them; absent with classes.</param>
/// <param name="Targets">Scores of each target; absent with classes.</param>
/// <param name="WorstMistakes">The wrong answers with the least probability of the truth, the worst first.</param>
internal sealed record EvaluationJson(
    string? Checkpoint,
    long Step,
    string WeightsSha256,
    EvaluationJson.DatasetReference Dataset,
    string? Split,
    long Examples,
    double Loss,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Accuracy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<EvaluationJson.ClassOfImages>? Classes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IReadOnlyList<long>>? Confusion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<EvaluationJson.WrongAnswer>? WorstMistakes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? R2,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TargetJson>? Targets)
{
    public static EvaluationJson Of(TrainedModel model, ExamplesOfModel data, DetailedEvaluation evaluation)
    {
        ConfusionMatrix confusion = evaluation.Confusion;
        int[] classes = [.. Enumerable.Range(0, confusion.Classes)];
        bool hasTargets = evaluation.Result.Targets is not null;
        return new EvaluationJson(
            model.Path,
            model.Step,
            model.WeightsSha256,
            new DatasetReference(data.Name, data.Sha256),
            data.Split,
            evaluation.Result.Examples,
            evaluation.Result.Loss,
            hasTargets ? null : evaluation.Result.Accuracy,
            hasTargets ? null : [.. classes.Select(
                label => ClassOfImages.Of(label, model.Run.Data.ClassName(label), confusion.Scores(label)))],
            hasTargets ? null : [.. classes.Select(label => (IReadOnlyList<long>)[.. classes.Select(answer => confusion[label, answer])])],
            hasTargets ? null : [.. evaluation.WorstMistakes.Select(WrongAnswer.Of)],
            evaluation.Result.R2,
            hasTargets ? [.. evaluation.Result.TargetsIn(model.Run.Data).Select(TargetJson.Of)] : null);
    }

    /// <summary>Which data set it is.</summary>
    internal sealed record DatasetReference(string Name, string Sha256);

    /// <summary>How well one class is told from the others; scores that have no value are null.</summary>
    internal sealed record ClassOfImages(int Class, string Name, double Precision, double Recall, double F1, long Images, long Answers)
    {
        public static ClassOfImages Of(int label, string name, ClassScores scores) =>
            new(label, name, scores.Precision, scores.Recall, scores.F1, scores.Images, scores.Answers);
    }

    /// <summary>An image with a wrong answer.</summary>
    internal sealed record WrongAnswer(int Index, int Label, int Answer, double AnswerProbability, double LabelProbability)
    {
        public static WrongAnswer Of(Mistake mistake) =>
            new(mistake.Image, mistake.Label, mistake.Answer, mistake.AnswerProbability, mistake.LabelProbability);
    }
}
