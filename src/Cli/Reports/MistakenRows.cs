using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>Rows that were told wrong, with the values of their columns.</summary>
internal static class MistakenRows
{
    private const int MostColumns = 30;

    /// <summary>A line a row: what it is, what was said and how surely, and its columns as the table had them.</summary>
    /// <param name="evaluation">The evaluation of rows.</param>
    /// <param name="worst">The mistakes.</param>
    public static string Table(ReportEvaluation evaluation, IReadOnlyList<Mistake> worst)
    {
        IReadOnlyList<ColumnSpec> columns = (evaluation.Model!.Run.Data.Preparation?.Inputs as TableSpec)?.Columns ?? [];
        ColumnSpec[] shown = [.. columns.Take(MostColumns)];
        string missing = columns.Count == 0 ? "" : " A missing number shows as the mean of its column, a missing text as –.";
        string some = shown.Length == columns.Count ? "" : $" The first {MostColumns} of {Format.Count(columns.Count)} columns.";
        return Html.Paragraph($"The number is that of the test row, from 0 on.{missing}{some}") + Html.Table(
            ["row", "is", "said", "how surely", .. shown.Select(column => column.Name)],
            worst.Select(mistake => (IReadOnlyList<string>)[
                Format.Count(mistake.Image), evaluation.NameOf(mistake.Label), evaluation.NameOf(mistake.Answer),
                Format.Percent(mistake.AnswerProbability), .. Values((FeatureSet)evaluation.Examples!, mistake.Image, shown)]),
            "numbers");
    }

    // An input has seven digits, of mean and deviation as well: more would show zero as 3E-08.
    private static double ValueOf(NumberColumn column, float input)
    {
        int decimals = Math.Clamp(5 - (int)Math.Floor(Math.Log10(Math.Abs(column.Mean) + column.Deviation)), 0, 15);
        return Math.Round(column.Mean + column.Deviation * input, decimals) + 0.0; // No negative zero.
    }

    private static List<string> Values(FeatureSet rows, int row, ColumnSpec[] columns)
    {
        var values = new List<string>();
        ReadOnlySpan<float> inputs = rows.Values.Slice(row * rows.Features, rows.Features);
        foreach (ColumnSpec column in columns)
        {
            values.Add(column is NumberColumn number
                ? Format.Number(ValueOf(number, inputs[0]))
                : inputs[..column.Inputs].IndexOf(1f) is var category and >= 0 ? ((CategoryColumn)column).Categories[category] : "–");
            inputs = inputs[column.Inputs..];
        }

        return values;
    }
}
