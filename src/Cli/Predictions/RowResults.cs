using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
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
