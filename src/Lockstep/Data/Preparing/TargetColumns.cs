using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>Columns of a table that hold numbers to predict.</summary>
internal static class TargetColumns
{
    /// <summary>The targets with their means and deviations over the training rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="names">Columns.</param>
    /// <param name="training">Ascending rows to train on.</param>
    /// <exception cref="DatasetException">A column holds texts, lacks values, or has one value only.</exception>
    public static TargetSpec[] Fit(RawTable table, IReadOnlyList<string> names, int[] training) => [.. names.Select(name =>
    {
        NumberValues column = Find(table, name);
        double[] values = ValuesOf(table, column);
        if (Array.TrueForAll(training, row => values[row] == values[training[0]]))
            throw new DatasetException(
                $"'{table.Source}': the target {ForeignText.Quote(name)} is {Format.Number(values[training[0]])} in all "
                + $"{Format.Plural(training.Length, "training row")}; there is nothing to predict. Give another column with --target.");
        (double mean, double deviation) = ColumnStatistics.Of(column, training);
        return double.IsFinite(mean) && double.IsFinite(deviation)
            ? new TargetSpec(name, mean, deviation)
            : throw new DatasetException(
                $"'{table.Source}': the target {ForeignText.Quote(name)} has numbers so large that their mean or deviation is no number. "
                + "Scale them.");
    })];

    /// <summary>What a model is trained to give for rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="outputs">[rows, targets] receives them.</param>
    /// <exception cref="DatasetException">A column is not there, holds texts, or lacks values.</exception>
    public static void Fill(RawTable table, IReadOnlyList<TargetSpec> targets, int[] rows, Span<float> outputs)
    {
        for (int target = 0; target < targets.Count; target++)
        {
            double[] values = ValuesOf(table, Find(table, targets[target].Name));
            for (int i = 0; i < rows.Length; i++)
            {
                float output = targets[target].OutputOf(values[rows[i]]);
                outputs[i * targets.Count + target] = float.IsFinite(output) ? output : throw new DatasetException(
                    $"'{table.Source}', {table.PlaceOf(rows[i])}: the target {ForeignText.Quote(targets[target].Name)} is "
                    + $"{Format.Number(values[rows[i]])}, too far from those of the training rows. Correct it.");
            }
        }
    }

    private static NumberValues Find(RawTable table, string name) => table.Columns.FirstOrDefault(column => column.Name == name) switch
    {
        NumberValues numbers => numbers,
        TextValues texts => throw new DatasetException(
            $"'{table.Source}': the target {ForeignText.Quote(name)} holds texts, such as "
            + $"{ForeignText.Quote(texts.Texts.Count > 0 ? texts.Texts[0] : "")}; expected numbers. Predict its texts as "
            + "classes with --label, or correct the file."),
        _ => throw new DatasetException($"'{table.Source}' has no column {ForeignText.Quote(name)}, which holds the target."),
    };

    private static double[] ValuesOf(RawTable table, NumberValues column)
    {
        double[] values = new double[column.Count];
        column.CopyTo(0, values);
        int missing = Array.FindIndex(values, double.IsNaN);
        return missing < 0 ? values : throw new DatasetException(
            $"'{table.Source}' has {Format.Plural(column.Missing, "row")} without a number in the target {ForeignText.Quote(column.Name)}, "
            + $"the first in {table.PlaceOf(missing)}; every row needs one. Fill them in, or remove these rows.");
    }
}
