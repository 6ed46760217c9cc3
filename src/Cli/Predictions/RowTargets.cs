using System.Globalization;
using System.Text;
using Lockstep.Cli.Images;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>The numbers that a model of targets predicts for all rows of a file.</summary>
/// <param name="Model">The model.</param>
/// <param name="File">The file.</param>
/// <param name="Values">[rows, targets] numbers in the units of the training data.</param>
internal sealed record RowTargets(TrainedModel Model, string File, double[] Values)
{
    private const int MostLines = 20;

    /// <summary>Names of the targets.</summary>
    public IReadOnlyList<string> Names => [.. Enumerable.Range(0, Model.Model.Classes).Select(i => Model.Run.Data.TargetOf(i).Name)];

    /// <summary>Number of rows.</summary>
    public int Count => Values.Length / Model.Model.Classes;

    /// <summary>[targets] numbers of a row.</summary>
    public ReadOnlySpan<double> ValuesOf(int row) => Values.AsSpan(row * Model.Model.Classes, Model.Model.Classes);

    /// <summary>Writes all rows to a file, as CSV: row from 0 on, and the targets.</summary>
    /// <exception cref="RequestException">The file cannot be written.</exception>
    public void WriteCsv(string path)
    {
        var text = new StringBuilder("row");
        foreach (string name in Names)
            _ = text.Append(',').Append(RowAnswers.Field(name));
        for (int row = 0; row < Count; row++)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"\n{row}");
            foreach (double value in ValuesOf(row))
                _ = text.Append(',').Append(value.ToString("G9", CultureInfo.InvariantCulture));
        }

        WholeFile.Write(path, Encoding.UTF8.GetBytes(text.Append('\n').ToString()), "answers");
    }

    /// <summary>Prints the first rows.</summary>
    /// <param name="writer">Receives them.</param>
    /// <param name="written">The file with all rows; null for none.</param>
    public void WriteText(TextWriter writer, string? written)
    {
        TextTable.Write(
            writer, ["row", .. Names.Select(ForeignText.Beginning)],
            [.. Enumerable.Range(0, Math.Min(Count, MostLines)).Select(
                row => (IReadOnlyList<string>)[Format.Count(row), .. ValuesOf(row).ToArray().Select(Format.Number)])],
            firstNumber: 1);
        if (written is not null)
            writer.WriteLine($"answers to {Format.Plural(Count, "row")}: {written}");
        else if (Count > MostLines)
            writer.WriteLine($"... and {Format.Count(Count - MostLines)} more; {PredictOptions.Answers.Name} FILE.csv writes all.");
    }
}
