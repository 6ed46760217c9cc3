using Lockstep.Cli.Predictions;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;

namespace Lockstep.Cli.Board;

/// <summary>What the newest checkpoint of a run says of a picture. Keeps the checkpoint that was asked last.</summary>
internal sealed class PictureAnswers
{
    private readonly Lock _lock = new();
    private (string Folder, DateTime Written, TrainedModel Model)? _last;

    /// <summary>Shows a picture, prepared as those that the run was trained on, to the newest checkpoint.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="picture">Content of a PNG, JPEG, GIF, WebP or BMP file.</param>
    /// <exception cref="RequestException">There is no checkpoint, it takes no pictures, or the picture is blank.</exception>
    /// <exception cref="DatasetException">The picture cannot be read.</exception>
    public BoardAnswer Of(string folder, byte[] picture)
    {
        TrainedModel model = ModelOf(folder);
        if (model.Run.IsRegression)
            throw new RequestException("This network predicts numbers from rows of a table; it does not look at pictures.");
        if (PictureSubjects.ProblemOf(model) is { } problem)
            throw new RequestException(problem);
        string file = Path.Combine(Path.GetTempPath(), $"lockstep-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllBytes(file, picture);
            return Of(model, PictureSubjects.Read(model, file, asIs: false));
        }
        catch (Exception e) when (e is RequestException or DatasetException)
        {
            // The file's name means nothing to whoever drew.
            throw new RequestException(e.Message.Replace($"'{file}'", file, StringComparison.Ordinal).Replace(file, "The picture", StringComparison.Ordinal), e);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static BoardAnswer Of(TrainedModel model, Subject subject)
    {
        float[] probabilities = new float[model.Model.Classes];
        int[] answer = new int[1];
        new Evaluator(model.Model, model.Layout, model.Run.Loss).Predict(model.Weights, subject.Example, 0, 1, probabilities, answer);
        var seen = (ImageSet)subject.Example;
        byte[] pixels = new byte[seen.Pixels];
        seen.CopyPixels(0, pixels);
        return new BoardAnswer(
            model.Run.Data.ClassName(answer[0]), [.. Enumerable.Range(0, probabilities.Length).Select(model.Run.Data.ClassName)],
            probabilities, model.Step, seen.Height, seen.Width, seen.Channels, pixels,
            [.. subject.Warnings.Select(warning => $"It {warning}")]);
    }

    private TrainedModel ModelOf(string folder)
    {
        DateTime written = Directory.GetLastWriteTimeUtc(Runs.RunFolder.CheckpointDirectoryOf(folder));
        lock (_lock)
        {
            if (_last is { } last && (last.Folder, last.Written) == (folder, written))
                return last.Model;
            TrainedModel model = TrainedModel.Load(folder);
            _last = (folder, written, model);
            return model;
        }
    }
}
