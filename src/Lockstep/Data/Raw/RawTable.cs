namespace Lockstep.Data.Raw;

/// <summary>Rows of named columns, the label among them.</summary>
/// <param name="source">Path that they were read from.</param>
/// <param name="columns">At least one column; all have the same number of rows.</param>
internal sealed class RawTable(string source, IReadOnlyList<RawColumn> columns) : RawExamples(source)
{
    private readonly Lazy<IReadOnlyList<string>> _numbering =
        new(() => [.. columns.Where(RowNumbers.Are).Select(column => column.Name)]);

    /// <summary>The columns in the order of the file, without ignored ones.</summary>
    public IReadOnlyList<RawColumn> Columns { get; } = columns;

    /// <summary>Names of all columns of the file in its order, also of those that were not read.</summary>
    public IReadOnlyList<string> Names { get; init; } = [.. columns.Select(column => column.Name)];

    /// <summary>Names of the columns that number the rows. They are looked for once, when first asked for.</summary>
    public IReadOnlyList<string> Numbering => _numbering.Value;

    /// <summary>Names of the columns that are an array of targets; null where the user names the targets.</summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>Number of rows.</summary>
    public override int Count => Columns[0].Count;

    /// <summary>Where a row stands in the file, for messages: such as <c>line 17</c>.</summary>
    public Func<int, string> PlaceOf { get; init; } = row => $"row {row + 1}";
}
