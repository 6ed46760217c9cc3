using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Predictions;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Data.Drawings;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>predict</c>: what a checkpoint sees in pictures of the user's or in images of a data set.</summary>
internal sealed class PredictCommand : CliCommand
{
    private readonly Argument<string> _checkpoint;

    public PredictCommand()
        : base("predict", "What a checkpoint sees in pictures")
    {
        _checkpoint = TakeRun("CHECKPOINT", "A checkpoint file, or a run folder, of which the newest checkpoint is taken.");
        Take(OptionHeading.Data, PredictOptions.Images, PredictOptions.Indices, PredictOptions.AsIs);
        Take(OptionHeading.Data, DataOptions.Dataset, DataOptions.DataDir, DataOptions.Offline, DataOptions.Split);
        Take(OptionHeading.Output, [OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Shows pictures to the network of a checkpoint and prints what it saw, its answer and the probability of every class. "
        + "A picture can have any size, colour and background: the drawing is cut out, scaled and centred as the images of MNIST are.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep predict runs/cosine --image seven.png", "a drawing of your own"),
        ("lockstep predict runs/cosine --image a.png b.png --json", "several, as JSON"),
        ("lockstep predict runs/cosine --index 3,17", "test images 3 and 17, with what they are"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        IReadOnlyList<string> files = settings.Find(PredictOptions.Images) ?? [];
        IReadOnlyList<int> indices = settings.Find(PredictOptions.Indices) ?? [];
        if (files.Count + indices.Count == 0)
            throw new RequestException($"There is nothing to look at: give pictures with {PredictOptions.Images.Name} FILE.png, or "
                + $"images of the data set with {PredictOptions.Indices.Name} N.");

        await using RunDisplay display = RunDisplay.Create(io, settings);
        TrainedModel model = ModelAccess.Load(invocation.Get(_checkpoint), display.Warn);
        var problems = new Problems();
        var subjects = new List<Subject>();
        ReadPictures(model, files, settings.Get(PredictOptions.AsIs), subjects, problems);
        LoadedDataset? loaded = null;
        string split = settings.Get(DataOptions.Split);
        if (indices.Count > 0)
        {
            loaded = await DatasetAccess.LoadAsync(model, settings, io, display);
            ModelAccess.CheckFits(model, loaded.Data, problems);
            subjects.AddRange(DatasetSubjects.Pick(loaded.Data, split, indices, problems));
        }

        problems.ThrowIfAny();
        if (loaded is not null)
            ModelAccess.WarnOfOtherImages(model, loaded, display);
        int columns = loaded is null ? MnistFrame.Size : DatasetAccess.Images(loaded.Data, loaded.Data.Test).Width;
        Prediction[] predictions = Predict(model, subjects, columns);
        await display.DisposeAsync();

        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, PredictionsJson.Of(model, predictions, loaded, split), ResultsContext.Default.PredictionsJson);
        else
            WriteText(io, predictions, columns, colors: !settings.Get(OutputOptions.NoColor) && !io.NoColor, model.Run.Data.ClassName);
        return ExitCode.Done;
    }

    // Every picture that cannot be used is told of at once.
    private static void ReadPictures(TrainedModel model, IReadOnlyList<string> files, bool asIs, List<Subject> subjects, Problems problems)
    {
        const int pixels = MnistFrame.Size * MnistFrame.Size;
        if (files.Count > 0 && model.Model.Inputs != pixels)
        {
            problems.Add(
                $"{PredictOptions.Images.Name}: the model {model.Model} of {model.Path} takes {Format.Count(model.Model.Inputs)} values; "
                + $"pictures are made into {MnistFrame.Size} x {MnistFrame.Size} = {pixels} pixels. Use a model with {pixels} inputs.");
            return;
        }

        foreach (string file in files)
        {
            try
            {
                subjects.Add(PictureSubjects.Read(file, asIs));
            }
            catch (RequestException e)
            {
                problems.Add(e.Message);
            }
        }
    }

    private static Prediction[] Predict(TrainedModel model, List<Subject> subjects, int columns)
    {
        byte[] pixels = [.. subjects.SelectMany(subject => subject.Pixels)];
        var images = ImageSet.FromDense(pixels, new byte[subjects.Count], model.Model.Inputs / columns, columns);
        int classes = model.Model.Classes;
        float[] probabilities = new float[subjects.Count * classes];
        int[] answers = new int[subjects.Count];
        new Evaluator(model.Model, model.Layout, model.Run.Loss).Predict(model.Weights, images, 0, subjects.Count, probabilities, answers);
        return [.. subjects.Select((subject, i) => new Prediction(subject, answers[i], probabilities[(i * classes)..((i + 1) * classes)]))];
    }

    private static void WriteText(CommandIo io, Prediction[] predictions, int columns, bool colors, Func<int, string> nameOf)
    {
        Shading shading = !io.OutIsTerminal || !io.OutIsUnicode ? Shading.Ascii : colors ? Shading.Greys : Shading.Blocks;
        for (int i = 0; i < predictions.Length; i++)
        {
            if (i > 0)
                io.Out.WriteLine();
            PredictionText.Write(io.Out, predictions[i], columns, shading, nameOf);
        }
    }
}
