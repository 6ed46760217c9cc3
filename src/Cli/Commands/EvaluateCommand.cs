using System.CommandLine;
using Lockstep.Cli.Evaluation;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>evaluate</c>: loss and accuracy of a checkpoint, class by class, and its worst mistakes.</summary>
internal sealed class EvaluateCommand : CliCommand
{
    private static readonly CliOption<string> ConfusionImage = new("--confusion-image", ValueKind.FileOf("PNG", ".png"))
    {
        Placeholder = "FILE.png", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Draw the confusion matrix.",
    };

    private static readonly CliOption<string> MistakesImage = new("--mistakes-image", ValueKind.FileOf("PNG", ".png"))
    {
        Placeholder = "FILE.png", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "Draw the worst mistakes: each with what it is, what was said, and how sure.",
    };

    private static readonly CliOption<int> Mistakes = new("--mistakes", ValueKind.Integer(1, 1000))
    {
        Placeholder = "N", Default = "40", IsPerInvocation = true, IsCommandLineOnly = true,
        Help = "How many of the worst mistakes to draw, and to list with --json.",
    };

    private readonly Argument<string> _checkpoint;

    public EvaluateCommand()
        : base("evaluate", "Loss, accuracy, confusions and mistakes of a checkpoint")
    {
        _checkpoint = TakeRun(
            "CHECKPOINT", "A checkpoint file, or a run folder, of which the newest checkpoint is taken, or that of --checkpoint.");
        Take(OptionHeading.Run, CheckpointOptions.Which);
        Take(OptionHeading.Data, DataOptions.Dataset, DataOptions.DataDir, DataOptions.Offline, DataOptions.Split);
        Take(OptionHeading.Data, ReplayedOptions.Validation, ReplayedOptions.Test);
        Take(OptionHeading.Output, [ConfusionImage, MistakesImage, Mistakes, OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Runs the network of a checkpoint over the test examples, or those of --split, of the data set that it was trained on, or of "
        + "--dataset. Prints loss, accuracy, precision and recall of every class, and which classes it mistakes for which; "
        + "of a model of targets R² and errors of each.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep evaluate runs/cosine", "test accuracy of a run's newest checkpoint"),
        ("lockstep evaluate runs/cosine --checkpoint best", "of the one with the best validation result"),
        ("lockstep evaluate runs/cosine --split validation --json", "as JSON"),
        ("lockstep evaluate runs/cosine --dataset fashion-mnist", "on another data set"),
        ("lockstep evaluate runs/cosine --mistakes-image mistakes.png", "the worst mistakes, as a picture"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        await using RunDisplay display = RunDisplay.Create(io, settings);
        TrainedModel model = ModelAccess.Load(
            invocation.Get(_checkpoint), display.Warn, mayBeNonFinite: true, settings.Get(CheckpointOptions.Which));
        if (model.Run.IsRegression)
            RefuseOfClasses(settings, model);
        ExamplesOfModel data = await DatasetAccess.LoadAsync(model, settings, io, display);
        display.Working($"evaluating {Format.Count(data.Examples.Count)} {data.Examples.KindName}");
        DetailedEvaluation evaluation = model.EvaluateInDetail(data.Examples, settings.Get(Mistakes));
        Func<int, string> nameOf = model.Run.Data.ClassName;
        await display.DisposeAsync();

        (string What, string? File, Func<byte[]> Draw)[] pictures =
        [
            ("confusion matrix", settings.Find(ConfusionImage), () => ConfusionPicture.Draw(evaluation.Confusion, nameOf)),
            ("worst mistakes", settings.Find(MistakesImage), () =>
                MistakesSheet.Draw(DatasetAccess.Images(data.Name, data.Examples), evaluation.WorstMistakes, nameOf)),
        ];
        foreach ((string what, string? file, Func<byte[]> draw) in pictures.Where(picture => picture.File is not null))
            WholeFile.Write(file!, draw(), $"picture of the {what}");

        if (settings.Get(OutputOptions.Json))
        {
            JsonOutput.Write(io.Out, EvaluationJson.Of(model, data, evaluation), ResultsContext.Default.EvaluationJson);
            return ExitCode.Done;
        }

        EvaluationResult result = evaluation.Result;
        TextTable.WritePairs(io.Out,
        [
            ("checkpoint", $"{model.Path}, step {Format.Count(model.Step)}"),
            (data.Examples.KindName, data.Words),
            ("loss", Format.Loss(result.Loss)),
            result.R2 is { } r2
                ? ("R²", Format.R2(r2))
                : ("accuracy",
                    $"{Format.Percent(result.Accuracy)} ({Format.Count(result.Correct)} right, "
                        + $"{Format.Count(result.Examples - result.Correct)} wrong)"),
            .. pictures.Where(picture => picture.File is not null).Select(picture => (picture.What, picture.File!)),
        ]);
        if (result.R2 is null)
        {
            EvaluationText.Write(io.Out, evaluation.Confusion, nameOf);
            return ExitCode.Done;
        }

        io.Out.WriteLine();
        TextTable.Write(io.Out, EvaluationText.TargetsHeading, EvaluationText.Targets(result, model.Run.Data), firstNumber: 1);
        return ExitCode.Done;
    }

    private static void RefuseOfClasses(Settings settings, TrainedModel model)
    {
        var problems = new Problems();
        foreach (ICliOption option in new ICliOption[] { ConfusionImage, MistakesImage, Mistakes })
        {
            if (settings.GivenNow(option) is { } given)
                problems.Add($"{given.Given} is for classes, but the model of {model.Path} was trained on targets. Leave it out.");
        }

        problems.ThrowIfAny();
    }
}
