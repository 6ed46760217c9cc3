using System.Globalization;
using Lockstep.Cli.Predictions;
using Lockstep.Cli.Results;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Cli.Board;

/// <summary>What the newest checkpoint of a run says of a picture, or of rows. Keeps the checkpoint that was asked last.</summary>
internal sealed class ModelAnswers
{
    // More are a matter for files.
    private const int MostRows = 1000;

    private readonly Lock _lock = new();
    private (string Folder, DateTime Written, TrainedModel Model)? _last;

    /// <summary>What the newest checkpoint can be asked.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="CheckpointException">There is none.</exception>
    public BoardInputs InputsOf(string folder)
    {
        TrainedModel model = ModelOf(folder);
        return model.Run.Data.Preparation?.Inputs is TableSpec table
            ? new BoardInputs(null, [.. table.Columns.Select(ColumnOf)], table.FillsMissing)
            : new BoardInputs(PictureProblemOf(model), null, MayBeMissing: false);
    }

    /// <summary>Shows a picture, prepared as those that the run was trained on, to the newest checkpoint.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="picture">Content of a PNG, JPEG, GIF, WebP or BMP file.</param>
    /// <exception cref="RequestException">It takes no pictures, or the picture is blank or cannot be read.</exception>
    /// <exception cref="CheckpointException">There is no checkpoint.</exception>
    public BoardAnswer OfPicture(string folder, byte[] picture)
    {
        TrainedModel model = ModelOf(folder);
        return PictureProblemOf(model) is { } problem
            ? throw new RequestException(problem)
            : Reading(picture, "", "the picture", (file, _) => Of(model, PictureSubjects.Read(model, file, asIs: false)));
    }

    /// <summary>Shows rows, prepared as those that the run was trained on, to the newest checkpoint.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="rows">Content of a CSV file.</param>
    /// <exception cref="RequestException">It takes no rows, or they are too many or cannot be read.</exception>
    /// <exception cref="CheckpointException">There is no checkpoint.</exception>
    public BoardRowAnswers OfRows(string folder, byte[] rows)
    {
        TrainedModel model = ModelOf(folder);
        return Reading(rows, ".csv", "the table", (file, named) =>
        {
            var display = new PageDisplay();
            RowResults results = RowResults.Of(model, file, split: null, display);
            if (results.Count > MostRows)
            {
                throw new RequestException(
                    $"'{file}' has {Format.Count(results.Count)} rows; this page answers {Format.Count(MostRows)} at most. "
                        + "'lockstep predict RUN --rows FILE.csv --out answers.csv' answers all.");
            }

            string[] warnings = [.. display.Warnings.Select(named)];
            return results is RowTargets targets
                ? new BoardRowAnswers(null, RowTargetsJson.Of(targets with { File = "" }), warnings)
                : new BoardRowAnswers(RowAnswersJson.Of((RowAnswers)results with { File = "" }), null, warnings);
        });
    }

    private static BoardColumn ColumnOf(ColumnSpec column) => column switch
    {
        CategoryColumn texts => new BoardColumn(column.Name, "", texts.Categories),
        // Not scaled: what is usual is not known.
        NumberColumn { Mean: 0, Deviation: 1 } => new BoardColumn(column.Name, "", null),
        _ => new BoardColumn(column.Name, Usual((NumberColumn)column), null),
    };

    /// <summary>The mean, as exact as its deviation makes sensible.</summary>
    private static string Usual(NumberColumn column)
    {
        int decimals = Math.Clamp(2 - (int)Math.Floor(Math.Log10(column.Deviation)), 0, 15);
        return Math.Round(column.Mean, decimals).ToString(CultureInfo.InvariantCulture);
    }

    private static string? PictureProblemOf(TrainedModel model) => model.Run.IsRegression
        ? "This network predicts numbers from rows of a table; it does not look at pictures."
        : PictureSubjects.ProblemOf(model);

    /// <summary>Reads content as a file. Messages have a name for it: the file's means nothing to whoever gave it.</summary>
    private static T Reading<T>(byte[] content, string extension, string name, Func<string, Func<string, string>, T> read)
    {
        string file = Path.Combine(Path.GetTempPath(), $"lockstep-{Guid.NewGuid():N}{extension}");
        try
        {
            File.WriteAllBytes(file, content);
            return read(file, Named);
        }
        catch (Exception e) when (e is RequestException or DatasetException)
        {
            throw new RequestException(Named(e.Message), e);
        }
        finally
        {
            File.Delete(file);
        }

        string Named(string text)
        {
            string named = text.Replace($"'{file}'", name, StringComparison.Ordinal).Replace(file, name, StringComparison.Ordinal);
            return char.ToUpperInvariant(named[0]) + named[1..];
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
        DateTime written = Directory.GetLastWriteTimeUtc(RunFolder.CheckpointDirectoryOf(folder));
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
