using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Predictions;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>predict</c>: what a checkpoint says of the user's pictures and rows, or of examples of a data set.</summary>
internal sealed class PredictCommand : CliCommand
{
    private readonly Argument<string> _checkpoint;

    public PredictCommand()
        : base("predict", "What a checkpoint says of pictures and rows")
    {
        _checkpoint = TakeRun(
            "CHECKPOINT", "A checkpoint file, or a run folder, of which the newest checkpoint is taken, or that of --checkpoint.");
        Take(OptionHeading.Run, CheckpointOptions.Which);
        Take(OptionHeading.Data, PredictOptions.Images, PredictOptions.Rows, PredictOptions.Indices, PredictOptions.AsIs);
        Take(OptionHeading.Data, DataOptions.Dataset, DataOptions.DataDir, DataOptions.Offline, DataOptions.Split);
        Take(OptionHeading.Data, ReplayedOptions.Validation, ReplayedOptions.Test);
        Take(OptionHeading.Output, [PredictOptions.Answers, OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Shows pictures or rows to the network of a checkpoint and prints its answer and the probability of every class. A model of your "
        + "own data gets raw files: they are prepared as the training data were. For a model of MNIST a picture can have any size and colour, "
        + "and be a photograph in uneven light: the drawing is found, cut out, scaled and centred as the images of MNIST are.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep predict runs/cosine --image seven.jpg", "a photograph or drawing of your own"),
        ("lockstep predict runs/cosine --image a.png b.png --json", "several, as JSON"),
        ("lockstep predict runs/iris --rows new.csv --out answers.csv", "every row of a table"),
        ("lockstep predict runs/cosine --index 3,17", "test examples 3 and 17, with what they are"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        IReadOnlyList<string> files = settings.Find(PredictOptions.Images) ?? [];
        IReadOnlyList<int> indices = settings.Find(PredictOptions.Indices) ?? [];
        string? rows = settings.Find(PredictOptions.Rows);
        if (files.Count + indices.Count == 0 && rows is null)
            throw new RequestException($"There is nothing to look at: give pictures with {PredictOptions.Images.Name} FILE.png, a table "
                + $"with {PredictOptions.Rows.Name} FILE.csv, or examples of the data set with {PredictOptions.Indices.Name} N.");
        if (rows is not null && files.Count + indices.Count > 0)
            throw new RequestException($"{PredictOptions.Rows.Name} cannot be given together with {PredictOptions.Images.Name} or "
                + $"{PredictOptions.Indices.Name}; ask for them one after the other.");
        if (rows is null && settings.Find(PredictOptions.Answers) is not null)
            throw new RequestException($"{PredictOptions.Answers.Name} belongs to {PredictOptions.Rows.Name}, which takes a folder of "
                + "pictures, too; give both.");

        await using RunDisplay display = RunDisplay.Create(io, settings);
        TrainedModel model = ModelAccess.Load(invocation.Get(_checkpoint), display.Warn, which: settings.Get(CheckpointOptions.Which));
        if (rows is not null)
        {
            RowResults results = await Task.Run(() => RowResults.Of(model, rows, DatasetAccess.PartOf(settings), display));
            await display.DisposeAsync();
            return WriteRows(results, settings, io);
        }

        if (model.Run.IsRegression)
            throw new RequestException($"The model of {model.Path} predicts numbers from rows: give a file of them with "
                + $"{PredictOptions.Rows.Name} FILE.csv{(indices.Count > 0 ? $" in place of {PredictOptions.Indices.Name}" : "")}.");

        var problems = new Problems();
        var subjects = new List<Subject>();
        ReadPictures(model, files, settings.Get(PredictOptions.AsIs), subjects, problems);
        ExamplesOfModel? data = null;
        if (indices.Count > 0)
        {
            data = await DatasetAccess.LoadAsync(model, settings, io, display);
            subjects.AddRange(DatasetSubjects.Pick(data, indices, problems));
        }

        problems.ThrowIfAny();
        if (!settings.Get(OutputOptions.Json))
        {
            foreach (Subject subject in subjects)
            {
                foreach (string warning in subject.Warnings)
                    display.Warn($"'{subject.Name}' {warning}");
            }
        }

        Prediction[] predictions = Predict(model, subjects);
        await display.DisposeAsync();

        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, PredictionsJson.Of(model, predictions, data), ResultsContext.Default.PredictionsJson);
        else
            WriteText(io, predictions, colors: !settings.Get(OutputOptions.NoColor) && !io.NoColor, model.Run.Data.ClassName);
        return ExitCode.Done;
    }

    private static int WriteRows(RowResults results, Settings settings, CommandIo io)
    {
        string? file = settings.Find(PredictOptions.Answers);
        if (file is not null)
            results.WriteCsv(file);
        if (!settings.Get(OutputOptions.Json))
            results.WriteText(io.Out, file);
        else if (results is RowTargets targets)
            JsonOutput.Write(io.Out, RowTargetsJson.Of(targets), ResultsContext.Default.RowTargetsJson);
        else
            JsonOutput.Write(io.Out, RowAnswersJson.Of((RowAnswers)results), ResultsContext.Default.RowAnswersJson);
        return ExitCode.Done;
    }

    // Every picture that cannot be used is told of at once.
    private static void ReadPictures(TrainedModel model, IReadOnlyList<string> files, bool asIs, List<Subject> subjects, Problems problems)
    {
        if (files.Count > 0 && PictureSubjects.ProblemOf(model) is { } problem)
        {
            problems.Add(problem);
            return;
        }

        foreach (string file in files)
        {
            if (Directory.Exists(file))
            {
                problems.Add(model.Run.Data.Preparation is null
                    ? $"'{file}' is a folder; name its pictures: {PredictOptions.Images.Name} {Path.Join(file, "*")}."
                    : $"'{file}' is a folder, which {PredictOptions.Rows.Name} takes: "
                        + $"{PredictOptions.Rows.Name} {ShellWord.OfPath(file)}.");
                continue;
            }

            try
            {
                subjects.Add(PictureSubjects.Read(model, file, asIs));
            }
            catch (Exception e) when (e is RequestException or DatasetException)
            {
                problems.Add(e.Message);
            }
        }
    }

    private static Prediction[] Predict(TrainedModel model, List<Subject> subjects)
    {
        var evaluator = new Evaluator(model.Model, model.Layout, model.Run.Loss);
        return [.. subjects.Select(subject =>
        {
            float[] probabilities = new float[model.Model.Classes];
            int[] answer = new int[1];
            evaluator.Predict(model.Weights, subject.Example, 0, 1, probabilities, answer);
            return new Prediction(subject, answer[0], probabilities);
        })];
    }

    private static void WriteText(CommandIo io, Prediction[] predictions, bool colors, Func<int, string> nameOf)
    {
        Shading shading = !io.OutIsTerminal || !io.OutIsUnicode ? Shading.Ascii : colors ? Shading.Greys : Shading.Blocks;
        for (int i = 0; i < predictions.Length; i++)
        {
            if (i > 0)
                io.Out.WriteLine();
            PredictionText.Write(io.OutTerminal, predictions[i], shading, nameOf);
        }
    }
}
