using System.Text.Json;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Predictions;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Data.Drawings;
using Lockstep.Model.Evaluation;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Commands;

/// <summary><c>predict</c>: what a checkpoint sees in pictures of the user's or in images of a data set.</summary>
internal static class PredictCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        IReadOnlyList<string> files = settings.Find(OptionTable.Images) ?? [];
        IReadOnlyList<long> indices = settings.Find(OptionTable.Indices) ?? [];
        if (files.Count + indices.Count == 0)
            throw new UserErrorException($"There is nothing to look at: give pictures with {OptionTable.Images.Name} FILE.png, or images of the data set with {OptionTable.Indices.Name} N.");

        await using RunDisplay display = RunDisplay.Create(io, settings);
        LoadedCheckpoint found = CheckpointStore.Load(invocation.Argument!);
        foreach (string warning in found.Warnings)
            display.Warn($"warning: {warning}");
        var model = TrainedModel.Of(found);
        var problems = new Problems();
        var subjects = new List<Subject>();
        ReadPictures(model, files, settings.Get(OptionTable.AsIs), subjects, problems);
        LoadedDataset? loaded = null;
        string split = settings.Get(OptionTable.Split);
        if (indices.Count > 0)
        {
            loaded = await DatasetAccess.LoadAsync(settings.Find(OptionTable.Dataset) ?? model.Spec.Data.Name, settings, io, display, CancellationToken.None);
            RunPlan.CheckModel(model.Spec.Model, loaded.Data, $"The model {model.Spec.Model} of {model.Path}", problems);
            subjects.AddRange(DatasetSubjects.Pick(loaded.Data, split, indices, problems));
        }

        problems.ThrowIfAny();
        if (loaded is not null)
            model.WarnOfOtherImages(loaded, display);
        int columns = loaded is null ? MnistFrame.Size : DatasetAccess.Images(loaded.Data, loaded.Data.Test).Width;
        Prediction[] predictions = Predict(model, subjects, columns);
        await display.DisposeAsync();

        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, writer => WriteJson(writer, model, predictions, loaded, split));
        else
            WriteText(io, predictions, columns, colors: !settings.Get(OptionTable.NoColor) && !io.NoColor);
        return ExitCode.Done;
    }

    // Every picture that cannot be used is told of at once.
    private static void ReadPictures(TrainedModel model, IReadOnlyList<string> files, bool asIs, List<Subject> subjects, Problems problems)
    {
        const int pixels = MnistFrame.Size * MnistFrame.Size;
        if (files.Count > 0 && model.Spec.Model.Inputs != pixels)
        {
            problems.Add($"{OptionTable.Images.Name}: the model {model.Spec.Model} of {model.Path} takes {Format.Count(model.Spec.Model.Inputs)} values; "
                + $"pictures are made into {MnistFrame.Size} x {MnistFrame.Size} = {pixels} pixels. Use a model with {pixels} inputs.");
            return;
        }

        foreach (string file in files)
        {
            try
            {
                subjects.Add(PictureSubjects.Read(file, asIs));
            }
            catch (UserErrorException e)
            {
                problems.Add(e.Message);
            }
        }
    }

    private static Prediction[] Predict(TrainedModel model, List<Subject> subjects, int columns)
    {
        byte[] pixels = [.. subjects.SelectMany(subject => subject.Pixels)];
        var images = ImageSet.FromDense(pixels, new byte[subjects.Count], model.Spec.Model.Inputs / columns, columns);
        int classes = model.Spec.Model.Classes;
        float[] probabilities = new float[subjects.Count * classes];
        int[] answers = new int[subjects.Count];
        new Evaluator(model.Spec.Model, model.Layout, model.Spec.Loss).Predict(model.Weights, images, 0, subjects.Count, probabilities, answers);
        return [.. subjects.Select((subject, i) => new Prediction(subject, answers[i], probabilities[(i * classes)..((i + 1) * classes)]))];
    }

    private static void WriteText(CommandIo io, Prediction[] predictions, int columns, bool colors)
    {
        Shading shading = !io.OutIsTerminal || !io.OutIsUnicode ? Shading.Ascii : colors ? Shading.Greys : Shading.Blocks;
        for (int i = 0; i < predictions.Length; i++)
        {
            if (i > 0)
                io.Out.WriteLine();
            PredictionText.Write(io.Out, predictions[i], columns, shading);
        }
    }

    private static void WriteJson(Utf8JsonWriter writer, TrainedModel model, Prediction[] predictions, LoadedDataset? loaded, string split)
    {
        writer.WriteStartObject();
        writer.WriteString("checkpoint", model.Path);
        writer.WriteNumber("step", model.Checkpoint.Step);
        writer.WriteString("weightsSha256", model.Checkpoint.WeightsSha256);
        writer.WriteStartArray("predictions");
        foreach (Prediction prediction in predictions)
        {
            writer.WriteStartObject();
            if (prediction.Subject.File is { } file)
            {
                writer.WriteString("image", file);
            }
            else
            {
                writer.WriteString("dataset", loaded!.Data.Name);
                writer.WriteString("split", split);
                writer.WriteNumber("index", prediction.Subject.Index!.Value);
                writer.WriteNumber("label", prediction.Subject.Label!.Value);
            }

            writer.WriteNumber("answer", prediction.Answer);
            writer.WriteStartArray("probabilities");
            foreach (float probability in prediction.Probabilities)
            {
                if (float.IsFinite(probability))
                    writer.WriteNumberValue(probability);
                else
                    writer.WriteNullValue();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
