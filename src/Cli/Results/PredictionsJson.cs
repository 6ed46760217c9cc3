using System.Text.Json.Serialization;
using Lockstep.Cli.Predictions;
using Lockstep.Cli.Training;
using Lockstep.Model.Specs;
using Lockstep.Networks;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>predict</c>.</summary>
/// <param name="Checkpoint">The checkpoint that was asked.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="Predictions">Pictures first, then images of the data set, each in the order given.</param>
internal sealed record PredictionsJson(
    string? Checkpoint, long Step, string WeightsSha256, IReadOnlyList<PredictionsJson.Answered> Predictions)
{
    public static PredictionsJson Of(TrainedModel model, IEnumerable<Prediction> predictions, ExamplesOfModel? data) => new(
        model.Path,
        model.Step,
        model.WeightsSha256,
        [.. predictions.Select(prediction => Answered.Of(prediction, model.Run.Data, data))]);

    /// <summary>The answer to one image: a file, or an image of a data set. Properties of the other kind are absent.</summary>
    /// <param name="Image">The file.</param>
    /// <param name="Dataset">Name of the data set.</param>
    /// <param name="Split">Part of the data set.</param>
    /// <param name="Index">Number of the image in that part.</param>
    /// <param name="Label">What it is.</param>
    /// <param name="LabelName">Its name.</param>
    /// <param name="Answer">The most probable class.</param>
    /// <param name="AnswerName">Its name.</param>
    /// <param name="Probabilities">Probability of each class; null for one that is not finite.</param>
    /// <param name="Warnings">What was found in the file that makes the answer doubtful; absent if nothing was.</param>
    internal sealed record Answered(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Image,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Dataset,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Split,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Index,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Label,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LabelName,
        int Answer,
        string AnswerName,
        IReadOnlyList<float> Probabilities,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings)
    {
        public static Answered Of(Prediction prediction, DataSpec trainedOn, ExamplesOfModel? data)
        {
            (Subject subject, int answer, float[] probabilities) = prediction;
            return subject.File is { } file
                ? new Answered(
                    file, null, null, null, null, null, answer, trainedOn.ClassName(answer), probabilities,
                    subject.Warnings.Count > 0 ? subject.Warnings : null)
                : new Answered(
                    null, data?.Name, data?.Split, subject.Index, subject.Label,
                    subject.Label is { } label ? trainedOn.ClassName(label) : null, answer, trainedOn.ClassName(answer), probabilities,
                    null);
        }
    }
}
