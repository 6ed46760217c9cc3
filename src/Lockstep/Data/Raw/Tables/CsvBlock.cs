namespace Lockstep.Data.Raw.Tables;

/// <summary>The fields of a block of rows.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="FirstLine">Line of the first one.</param>
/// <param name="Lines">[rows] line of each; null where each has a line and none is blank.</param>
/// <param name="Columns">[columns] null for ignored ones.</param>
/// <param name="Ragged">Rows with too few or too many fields, which are left out.</param>
/// <param name="FirstRagged">The first of them.</param>
internal sealed record CsvBlock(
    int Rows, int FirstLine, int[]? Lines, CsvColumnBlock?[] Columns, int Ragged, IReadOnlyList<(int Line, int Fields)> FirstRagged);
