using System.Globalization;
using System.Text;
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
    : RowResults(Model, File)
{
    /// <summary>Names of the targets.</summary>
    public IReadOnlyList<string> Names => [.. Enumerable.Range(0, Model.Model.Classes).Select(i => Model.Run.Data.TargetOf(i).Name)];

    public override int Count => Values.Length / Model.Model.Classes;

    /// <summary>[targets] numbers of a row.</summary>
    public ReadOnlySpan<double> ValuesOf(int row) => Values.AsSpan(row * Model.Model.Classes, Model.Model.Classes);

    /// <summary>Row from 0 on, and the targets.</summary>
    protected override string Csv()
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

        return text.Append('\n').ToString();
    }

    protected override void WriteTable(TextWriter writer, int rows) => TextTable.Write(
        writer, ["row", .. Names.Select(ForeignText.Beginning)],
        [.. Enumerable.Range(0, rows).Select(
            row => (IReadOnlyList<string>)[Format.Count(row), .. ValuesOf(row).ToArray().Select(Format.Number)])],
        firstNumber: 1);
}
