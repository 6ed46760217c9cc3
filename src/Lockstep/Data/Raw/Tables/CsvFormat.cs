namespace Lockstep.Data.Raw.Tables;

/// <summary>How a table is written, as its beginning shows.</summary>
/// <param name="Separator">The byte between fields.</param>
/// <param name="Names">Names of the columns: from the header, or <c>column1</c>, <c>column2</c>, ...</param>
/// <param name="HeaderLine">Line of the header; 0 without one.</param>
/// <param name="DataStart">Offset of the first row in the content.</param>
/// <param name="DataLine">Its line.</param>
/// <param name="MostlyNumbers">[columns] whether at least half of the fields of the first rows are numbers.</param>
internal sealed record CsvFormat(
    char Separator, IReadOnlyList<string> Names, int HeaderLine, int DataStart, int DataLine, bool[] MostlyNumbers)
{
    /// <summary>Limit of columns: more than the inputs of any model.</summary>
    public const int MaxColumns = 65_536 + 64;

    /// <summary>Limit for a row.</summary>
    public const int MaxRowBytes = 64 << 20;

    /// <summary>Whether <c>1,5</c> is a number.</summary>
    public bool TakesComma => Separator != ',';
}
