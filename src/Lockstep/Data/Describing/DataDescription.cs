using Lockstep.Model.Data;

namespace Lockstep.Data.Describing;

/// <summary>What is in the user's own files.</summary>
/// <param name="Source">Where they are.</param>
/// <param name="Kind">What they are, for people: such as <c>5,000 rows of 12 columns</c>.</param>
/// <param name="Columns">The columns of a table; empty for images.</param>
/// <param name="Loaded">The prepared data set; null where it could not be prepared.</param>
/// <param name="Problem">Why it could not be prepared, and what to do; null where it could.</param>
/// <param name="Leaks">Columns that give the class away.</param>
/// <param name="Numbering">Columns that number the rows.</param>
/// <param name="Repeated">Examples that occur again; null where there is no data set.</param>
internal sealed record DataDescription(
    string Source, string Kind, IReadOnlyList<ColumnDescription> Columns, LoadedDataset? Loaded, string? Problem,
    IReadOnlyList<string> Leaks, IReadOnlyList<string> Numbering, RepeatedExamples? Repeated)
{
    /// <summary>Columns that the user left out: names, separated by commas.</summary>
    public string Ignored { get; init; } = "";

    /// <summary>The data set; null where it could not be prepared.</summary>
    public Dataset? Data => Loaded?.Data;
}
