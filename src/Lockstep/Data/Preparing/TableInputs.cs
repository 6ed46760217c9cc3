using System.Globalization;
using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>Makes the inputs of a model from the rows of a table.</summary>
internal sealed class TableInputs
{
    private const int Block = 512;

    private readonly RawTable _table;
    private readonly TableSpec _spec;
    private readonly RawColumn[] _columns;
    private readonly int[]?[] _categories;
    private readonly int _features;

    /// <summary>Prepares to read a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="spec">What its columns become.</param>
    /// <exception cref="DatasetException">Columns are missing, or of another kind.</exception>
    public TableInputs(RawTable table, TableSpec spec)
    {
        _table = table;
        _spec = spec;
        _columns = Match(table, spec);
        _categories = [.. _columns.Select(
            (column, i) => column is TextValues texts ? Numbers(texts, (CategoryColumn)spec.Columns[i]) : null)];
        _features = (int)spec.Shape.Count;
        Unknown = Enumerable.Range(0, _columns.Length).Sum(i => _categories[i]?.Count(category => category < 0) ?? 0);
    }

    /// <summary>The rows of parts, one part after the other.</summary>
    /// <param name="spec">What the columns become.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="targets">Columns of numbers to predict; empty where there are classes.</param>
    /// <param name="areLabelled">Whether targets are read; otherwise they are 0.</param>
    /// <param name="note">Told of texts that did not occur in training.</param>
    /// <exception cref="DatasetException">Columns are missing or of another kind, or there are too many values.</exception>
    public static FeatureSet Of(
        TableSpec spec, IReadOnlyList<Part> parts, IReadOnlyList<TargetSpec> targets, bool areLabelled, Action<string> note)
    {
        int features = (int)spec.Shape.Count;
        long rows = parts.Sum(part => (long)part.Rows.Length);
        const int most = Examples.MaxArrayBytes / sizeof(float);
        if (rows * features > most)
            throw new DatasetException(
                $"'{parts[0].Raw.Source}' has {Format.Count(rows)} rows of {Format.Count(features)} inputs; at most "
                + $"{Format.Count(most)} values in all are supported. Leave columns out with --ignore.");
        float[] values = new float[rows * features];
        byte[] labels = new byte[rows];
        float[] outputs = new float[rows * targets.Count];
        int done = 0;
        foreach (Part part in parts)
        {
            var inputs = new TableInputs((RawTable)part.Raw, spec);
            inputs.Fill(part.Rows, values.AsMemory(done * features, part.Rows.Length * features));
            part.LabelsOfRows().CopyTo(labels, done);
            if (areLabelled)
                TargetColumns.Fill(
                    (RawTable)part.Raw, targets, part.Rows, outputs.AsSpan(done * targets.Count, part.Rows.Length * targets.Count));
            done += part.Rows.Length;
            if (inputs.Unknown > 0)
                note($"{Format.Plural(inputs.Unknown, "text")} of '{part.Raw.Source}' did not occur in training"
                    + $"{(inputs.Unknown == 1 ? ":" : ", such as")} {inputs.FirstUnknown}; "
                    + $"{(inputs.Unknown == 1 ? "it counts" : "they count")} as no category.");
        }

        return targets.Count > 0
            ? FeatureSet.TakeOverTargets(values, outputs, features, targets.Count)
            : FeatureSet.TakeOver(values, labels, features);
    }

    /// <summary>Number of different texts that are no category of their column; they count as missing.</summary>
    public int Unknown { get; }

    /// <summary>The first of these with its column, for messages; empty where there is none.</summary>
    private string FirstUnknown => _columns.Select((column, i) => column is TextValues texts
        && Array.FindIndex(_categories[i]!, category => category < 0) is var text and >= 0
            ? $"{ForeignText.Quote(texts.Texts[text])} in {ForeignText.Quote(column.Name)}"
            : null).FirstOrDefault(words => words is not null) ?? "";

    /// <summary>The inputs of rows, one after the other.</summary>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="values">[rows, inputs] receives them.</param>
    /// <exception cref="DatasetException">A value is missing and must not be, or is too large.</exception>
    public void Fill(ReadOnlyMemory<int> rows, Memory<float> values)
    {
        values.Span.Clear();
        Blocks.ForEach((rows.Length + Block - 1) / Block, block =>
        {
            int first = block * Block, count = Math.Min(Block, rows.Length - first);
            FillBlock(rows.Span.Slice(first, count), values.Span.Slice(first * _features, count * _features));
        });
    }

    private static RawColumn[] Match(RawTable table, TableSpec spec)
    {
        if (table.Columns.Count == spec.Columns.Count && spec.Columns.All(column => ColumnNames.IsPlace(column.Name)))
            return [.. table.Columns];
        Dictionary<string, RawColumn> byName = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        string[] missing = [.. spec.Columns.Where(column => !byName.ContainsKey(column.Name)).Select(
            column => ForeignText.Quote(column.Name))];
        if (missing.Length > 0)
            throw new DatasetException(
                $"'{table.Source}' lacks {Format.Plural(missing.Length, "column")} that the model takes: "
                + $"{string.Join(", ", missing.Take(20))}. It has "
                + $"{string.Join(", ", table.Columns.Take(20).Select(column => ForeignText.Quote(column.Name)))}.");
        return [.. spec.Columns.Select(column => byName[column.Name])];
    }

    /// <summary>
    /// The category of each text of a column; -1 for none. A number may be written otherwise than in training: pandas writes 1.0 for 1 once
    /// a value of the column is missing.
    /// </summary>
    private static int[] Numbers(TextValues column, CategoryColumn spec)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var byValue = new Dictionary<double, int>();
        for (int i = 0; i < spec.Categories.Count; i++)
        {
            numbers[spec.Categories[i]] = i;
            if (ValueOf(spec.Categories[i]) is { } value)
                byValue[value] = i;
        }

        return [.. column.Texts.Select(text => numbers.TryGetValue(text, out int exact) ? exact
            : ValueOf(text) is { } value ? byValue.GetValueOrDefault(value, -1)
            : -1)];
    }

    private static double? ValueOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private void FillBlock(ReadOnlySpan<int> rows, Span<float> values)
    {
        int first = rows[0], last = rows[^1];
        bool isDense = last >= first && last - first < 4 * Block;
        double[] numbers = new double[isDense ? last - first + 1 : 1];
        for (int i = 0, input = 0; i < _columns.Length; input += _spec.Columns[i++].Inputs)
        {
            if (_columns[i] is TextValues texts)
                FillCategories(rows, values[input..], texts, i);
            else
                FillNumbers(rows, values[input..], numbers, i);
        }
    }

    private void FillCategories(ReadOnlySpan<int> rows, Span<float> values, TextValues column, int index)
    {
        ReadOnlySpan<int> codes = column.Codes;
        for (int i = 0; i < rows.Length; i++)
        {
            int code = codes[rows[i]];
            if (code < 0)
                RefuseMissing(index, rows[i]);
            else if (_categories[index]![code] is var category and >= 0)
                values[i * _features + category] = 1;
        }
    }

    private void FillNumbers(ReadOnlySpan<int> rows, Span<float> values, double[] numbers, int index)
    {
        var column = (NumberValues)_columns[index];
        var spec = (NumberColumn)_spec.Columns[index];
        if (numbers.Length > 1)
            column.CopyTo(rows[0], numbers);
        for (int i = 0; i < rows.Length; i++)
        {
            if (numbers.Length == 1)
                column.CopyTo(rows[i], numbers);
            double x = numbers[numbers.Length == 1 ? 0 : rows[i] - rows[0]];
            if (double.IsNaN(x))
            {
                RefuseMissing(index, rows[i]);
                continue;
            }

            float input = (float)((x - spec.Mean) / spec.Deviation);
            values[i * _features] = float.IsFinite(input)
                ? input
                : throw new DatasetException(
                    $"'{_table.Source}', {_table.PlaceOf(rows[i])}: the value of {ForeignText.Quote(column.Name)} is too large for single "
                    + "precision. Correct it; or scale the column, or leave it out with --ignore, before training.");
        }
    }

    private void RefuseMissing(int index, int row)
    {
        if (!_spec.FillsMissing)
            throw new DatasetException(
                $"'{_table.Source}', {_table.PlaceOf(row)}: the value of {ForeignText.Quote(_columns[index].Name)} is missing. Fill it in; "
                + "the model was trained with --missing refuse.");
    }
}
