using Lockstep.Cli.Training;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>evaluate</c>.</summary>
/// <param name="Checkpoint">The checkpoint that was evaluated.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="Dataset">What it was evaluated on.</param>
/// <param name="Split">Which part of it: train, validation or test; null for all of a file.</param>
/// <param name="Examples">Number of examples.</param>
/// <param name="Loss">Mean loss; null if it is not finite.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1.</param>
/// <param name="Classes">Scores of each class, in order.</param>
/// <param name="Confusion">Number of images [label, answer].</param>
/// <param name="WorstMistakes">The wrong answers with the least probability of the truth, the worst first.</param>
internal sealed record EvaluationJson(
    string? Checkpoint,
    long Step,
    string WeightsSha256,
    EvaluationJson.DatasetReference Dataset,
    string? Split,
    long Examples,
    double Loss,
    double Accuracy,
    IReadOnlyList<EvaluationJson.ClassOfImages> Classes,
    IReadOnlyList<IReadOnlyList<long>> Confusion,
    IReadOnlyList<EvaluationJson.WrongAnswer> WorstMistakes)
{
    public static EvaluationJson Of(TrainedModel model, ExamplesOfModel data, DetailedEvaluation evaluation)
    {
        ConfusionMatrix confusion = evaluation.Confusion;
        int[] classes = [.. Enumerable.Range(0, confusion.Classes)];
        return new EvaluationJson(
            model.Path,
            model.Step,
            model.WeightsSha256,
            new DatasetReference(data.Name, data.Sha256),
            data.Split,
            evaluation.Result.Examples,
            evaluation.Result.Loss,
            evaluation.Result.Accuracy,
            [.. classes.Select(label => ClassOfImages.Of(label, model.Run.Data.ClassName(label), confusion.Scores(label)))],
            [.. classes.Select(label => (IReadOnlyList<long>)[.. classes.Select(answer => confusion[label, answer])])],
            [.. evaluation.WorstMistakes.Select(WrongAnswer.Of)]);
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
