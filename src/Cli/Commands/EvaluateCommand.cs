using Lockstep.Cli.Configuration;
using Lockstep.Cli.Evaluation;
using Lockstep.Cli.Images;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>evaluate</c>: loss and accuracy of a checkpoint, class by class, and its worst mistakes.</summary>
internal static class EvaluateCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        await using RunDisplay display = RunDisplay.Create(io, settings);
        TrainedModel model = ModelAccess.Load(invocation.Argument!, display.Warn, mayBeNonFinite: true);
        LoadedDataset loaded = await DatasetAccess.LoadAsync(
            settings.Find(OptionTable.Dataset) ?? model.Run.Data.Name, settings, io, display, CancellationToken.None);
        ModelAccess.CheckFits(model, loaded.Data);
        ModelAccess.WarnOfOtherImages(model, loaded, display);

        string split = settings.Get(OptionTable.Split);
        (ImageSet all, int first, int count) = DatasetAccess.Split(loaded.Data, split);
        display.Working($"evaluating {Format.Count(count)} images");
        ImageSet images = all.Slice(first, count);
        DetailedEvaluation evaluation = model.EvaluateInDetail(images, (int)settings.Get(OptionTable.Mistakes));
        await display.DisposeAsync();

        (string What, string? File, Func<byte[]> Draw)[] pictures =
        [
            ("confusion matrix", settings.Find(OptionTable.ConfusionImage), () => ConfusionPicture.Draw(evaluation.Confusion)),
            ("worst mistakes", settings.Find(OptionTable.MistakesImage), () => MistakesSheet.Draw(images, evaluation.WorstMistakes)),
        ];
        foreach ((string what, string? file, Func<byte[]> draw) in pictures.Where(picture => picture.File is not null))
            WholeFile.Write(file!, draw(), $"picture of the {what}");

        if (settings.Get(OptionTable.Json))
        {
            JsonOutput.Write(io.Out, EvaluationJson.Of(model, loaded.Data, split, evaluation), ResultsContext.Default.EvaluationJson);
            return ExitCode.Done;
        }

        EvaluationResult result = evaluation.Result;
        TextTable.WritePairs(io.Out,
        [
            ("checkpoint", $"{model.Path}, step {Format.Count(model.Step)}"),
            ("images", $"{Format.Count(result.Examples)} {split} images of {loaded.Data.Name}"),
            ("loss", Format.Loss(result.Loss)),
            ("accuracy", $"{Format.Percent(result.Accuracy)} ({Format.Count(result.Correct)} right, {Format.Count(result.Examples - result.Correct)} wrong)"),
            .. pictures.Where(picture => picture.File is not null).Select(picture => (picture.What, picture.File!)),
        ]);
        EvaluationText.Write(io.Out, evaluation.Confusion);
        return ExitCode.Done;
    }
}
