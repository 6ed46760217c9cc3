using System.Diagnostics;
using Lockstep.Model.Data;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.TensorBoard;

namespace Lockstep.Cli.Images;

/// <summary>
/// The pictures that a training writes for TensorBoard: the first layer, and mistakes on validation images. Of the last checkpoint, and of
/// as many others as takes no more than a tenth of the time of one processor.
/// </summary>
internal sealed class TensorBoardPictures
{
    private const int MostExamples = 1000, MostMistakes = 30, MostUnits = 32, Rest = 10;
    private readonly Lazy<ImageSet?> _validation;
    private long _ended;
    private TimeSpan _took;

    private TensorBoardPictures(Dataset data) => _validation = new Lazy<ImageSet?>(() => (data.Training as ImageSet)?.Slice(
        data.TrainingExamples, Math.Min(data.ValidationExamples, MostExamples)));

    /// <summary>Options with the pictures that there can be for a data set.</summary>
    public static TensorBoardOptions OptionsFor(Dataset data) => new() { Pictures = new TensorBoardPictures(data).Of };

    private IReadOnlyList<TensorBoardPicture> Of(TrainedModel model)
    {
        bool isLast = model.Step == model.Run.TotalSteps || model.Checkpoint.StopReason is not null;
        if (!isLast && Stopwatch.GetElapsedTime(_ended) < Rest * _took)
            return [];
        long began = Stopwatch.GetTimestamp();
        IReadOnlyList<TensorBoardPicture> pictures = [.. Draw(model)];
        _ended = Stopwatch.GetTimestamp();
        _took = Stopwatch.GetElapsedTime(began, _ended);
        return pictures;
    }

    private IEnumerable<TensorBoardPicture> Draw(TrainedModel model)
    {
        NamedTensor weights = model.GetParameter(model.ParameterNames[0]);
        if (WeightsPicture.FormOf(weights, model.Run.Data) is { } form)
            yield return new TensorBoardPicture("first_layer", WeightsPicture.Draw(weights, form, MostUnits));
        if (_validation.Value is { Count: > 0, Outputs: 0 } validation)
        {
            yield return new TensorBoardPicture("mistakes/validation", MistakesSheet.Draw(
                validation, model.EvaluateInDetail(validation, MostMistakes).WorstMistakes, model.Run.Data.ClassName));
        }
    }
}
