using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>What a model gives for all rows of a file.</summary>
/// <param name="Model">The model.</param>
/// <param name="File">The file.</param>
internal abstract record RowResults(TrainedModel Model, string File)
{
    private const int MostLines = 20;

    /// <summary>Number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Reads a file and asks the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">The file.</param>
    /// <param name="split">Name of the part that is wanted; null for the one for the test where there are parts.</param>
    /// <param name="display">Shows progress.</param>
    /// <exception cref="RequestException">The model was not trained on the user's own data.</exception>
    /// <exception cref="DatasetException">The file cannot be read, or does not fit the model.</exception>
    public static RowResults Of(TrainedModel model, string file, string? split, RunDisplay display)
    {
        if (model.Run.Data.Preparation is null)
        {
            throw new RequestException(model.Run.IsRegression
                ? $"{PredictOptions.Rows.Name}: the model of {model.Path} was not trained on rows of a file."
                : $"{PredictOptions.Rows.Name}: the model of {model.Path} was trained on {model.Run.Data.Name}, not on rows of a file. "
                    + $"Give it pictures with {PredictOptions.Images.Name} FILE.png.");
        }

        display.Working($"reading {file}");
        UnlabelledExamples rows = model.ReadUnlabelled(file, split, display.Working);
        foreach (string notice in rows.Notices)
            display.Warn(notice);
        display.Working($"looking at {Format.Plural(rows.Examples.Count, "example")}");
        return model.Run.IsRegression
            ? new RowTargets(model, file, model.PredictTargets(rows.Examples))
            : new RowAnswers(model, file, rows.Files, model.Predict(rows.Examples));
    }

    /// <summary>Writes all rows to a file, as CSV.</summary>
    /// <exception cref="RequestException">The file cannot be written.</exception>
    public void WriteCsv(string path) => WholeFile.Write(path, Encoding.UTF8.GetBytes(Csv()), "answers");

    /// <summary>Prints the first rows.</summary>
    /// <param name="writer">Receives them.</param>
    /// <param name="written">The file with all rows; null for none.</param>
    public void WriteText(TextWriter writer, string? written)
    {
        WriteTable(writer, Math.Min(Count, MostLines));
        if (written is not null)
            writer.WriteLine($"answers to {Format.Plural(Count, "row")}: {written}");
        else if (Count > MostLines)
            writer.WriteLine($"... and {Format.Count(Count - MostLines)} more; {PredictOptions.Answers.Name} FILE.csv writes all.");
    }

    /// <summary>All rows as CSV, with a header.</summary>
    protected abstract string Csv();

    /// <summary>Prints the first rows as a table.</summary>
    protected abstract void WriteTable(TextWriter writer, int rows);
}
