using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>Finds out how the columns of a table become inputs, from its training examples.</summary>
internal static class TableFit
{
    // A column of texts with more than this many, or with more than this share of its rows, tells rows apart, not kinds of rows.
    private const int MostCategories = 1000, FewCategories = 20;
    private const double AlmostAll = 0.8;

    /// <summary>The inputs that a table's columns become.</summary>
    /// <param name="table">The table.</param>
    /// <param name="predicted">Its columns of classes or targets.</param>
    /// <param name="training">Ascending rows to train on.</param>
    /// <param name="options">What is allowed and wanted.</param>
    /// <exception cref="DatasetException">Columns cannot be used; the message has all of them.</exception>
    public static TableSpec Of(RawTable table, IReadOnlyList<string> predicted, int[] training, PreparationOptions options)
    {
        RawColumn[] columns = [.. table.Columns.Except(EmptyOf(table)).Where(column => !predicted.Contains(column.Name))];
        if (columns.Length == 0)
            throw new DatasetException($"'{table.Source}' has no column besides {Quoted(predicted)}; there is nothing to "
                + "learn from.");
        if (!options.FillsMissing)
            RefuseMissing(table, columns);
        var specs = new ColumnSpec[columns.Length];
        Blocks.ForEach(columns.Length, i => specs[i] = Of(columns[i], training, options));
        RefuseNames(table, specs, training, options);
        var spec = new TableSpec(specs, options.FillsMissing);
        if (spec.Shape.Count > FeatureSet.MaxFeatures)
            throw new DatasetException(
                $"'{table.Source}' has {Format.Count(specs.Length)} columns, which become {Format.Count(spec.Shape.Count)} inputs; at most "
                + $"{Format.Count(FeatureSet.MaxFeatures)} are supported. Leave columns out with --ignore; the largest is "
                + $"{ForeignText.Quote(specs.MaxBy(column => column.Inputs)!.Name)}.");
        return spec;
    }

    /// <summary>Columns with neither name nor values beside named ones, as spreadsheets write them; they are no inputs.</summary>
    public static IReadOnlyList<RawColumn> EmptyOf(RawTable table)
    {
        RawColumn[] empty =
            [.. table.Columns.Where(column => ColumnNames.IsPlace(column.Name) && column.Missing == column.Count)];
        return empty.Length > 0 && table.Columns.Any(column => !ColumnNames.IsPlace(column.Name)) ? empty : [];
    }

    private static ColumnSpec Of(RawColumn column, int[] training, PreparationOptions options)
    {
        if (column is TextValues texts)
            return new CategoryColumn(column.Name, CategoriesOf(texts, training));
        if (!options.Standardizes)
            return new NumberColumn(column.Name, 0, 1);
        (double mean, double deviation) = ColumnStatistics.Of((NumberValues)column, training);
        return double.IsFinite(mean) && double.IsFinite(deviation)
            ? new NumberColumn(column.Name, mean, deviation)
            : throw new DatasetException(
                $"The column {ForeignText.Quote(column.Name)} has numbers so large that their mean or deviation is no number. Scale them, "
                + "or leave it out with --ignore.");
    }

    private static string[] CategoriesOf(TextValues column, int[] training)
    {
        ReadOnlySpan<int> codes = column.Codes;
        bool[] occurs = new bool[column.Texts.Count];
        foreach (int row in training)
        {
            if (codes[row] >= 0)
                occurs[codes[row]] = true;
        }

        return [.. column.Texts.Where((_, code) => occurs[code]).Order(StringComparer.Ordinal)];
    }

    private static void RefuseMissing(RawTable table, RawColumn[] columns)
    {
        RawColumn[] incomplete = [.. columns.Where(column => column.Missing > 0)];
        if (incomplete.Length > 0)
            throw new DatasetException(
                $"'{table.Source}' has missing values: {string.Join(", ", incomplete.Take(10).Select(Words))}"
                + $"{(incomplete.Length > 10 ? ", ..." : "")}. Fill them in, leave the columns out with --ignore, or allow them with "
                + "--missing fill.");

        static string Words(RawColumn column) => $"{ForeignText.Quote(column.Name)} {Format.Count(column.Missing)}";
    }

    private static void RefuseNames(RawTable table, ColumnSpec[] specs, int[] training, PreparationOptions options)
    {
        CategoryColumn[] columns = [.. specs.OfType<CategoryColumn>().Where(column => IsOfNames(table, column, training))];
        string[] names = [.. columns.Select(column => column.Name)];
        if (names.Length == 0)
            return;
        IReadOnlyList<string> numbers = table.Numbering;
        string[] all = [.. numbers, .. names];
        string? number = columns.Select(column => WrittenValues.NumberIn(column.Categories)).FirstOrDefault(text => text is not null);
        bool areNames = columns.All(column => column.Categories.Count > AlmostAll * RowsWith(table, column, training));
        throw new DatasetException(
            $"'{table.Source}': {Quoted(names)} {(names.Length == 1 ? "has" : "have")} "
            + (areNames ? "a different text in almost every row"
                : $"too many different texts to be categories (at most {Format.Count(MostCategories)}, and half as many as "
                    + "rows to train on)")
            + (numbers.Count == 0 ? "" : $", and {Quoted(numbers)} {(numbers.Count == 1 ? "numbers" : "number")} the rows")
            + $"; nothing can be learnt from that for other rows. Leave {(all.Length == 1 ? "it" : "them")} out with "
            + $"{ColumnNames.IgnoreAlso(options.Ignore, all)}."
            + (number is null
                ? ""
                : $" If numbers such as {ForeignText.Quote(number)} are meant, write them without units and separators of thousands."));
    }

    private static int RowsWith(RawTable table, CategoryColumn column, int[] training) =>
        training.Length - table.Columns.First(raw => raw.Name == column.Name).Missing;

    private static string Quoted(IReadOnlyList<string> names) => string.Join(", ", names.Take(20).Select(name => ForeignText.Quote(name)));

    private static bool IsOfNames(RawTable table, CategoryColumn column, int[] training)
    {
        int rows = RowsWith(table, column, training);
        return column.Categories.Count > MostCategories || (column.Categories.Count > FewCategories && column.Categories.Count > rows / 2);
    }
}
