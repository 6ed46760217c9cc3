namespace Lockstep.Data.Raw.Tables;

/// <summary>A column of a block of rows.</summary>
internal sealed class CsvColumnBlock
{
    /// <summary>[rows] the numbers: bytes where all are whole and from 0 to 255, otherwise doubles; null for texts.</summary>
    public Array? Numbers { get; set; }

    /// <summary>[rows] index of each text in <see cref="Texts"/>, -1 where it is missing; null for numbers.</summary>
    public int[]? Codes { get; set; }

    /// <summary>The different texts, in the order in which they first occur.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Fields without a value: missing ones and, in a column of numbers, all others that are no finite number.</summary>
    public int Missing { get; set; }

    /// <summary>Fields of a column of numbers that are texts.</summary>
    public int Others { get; set; }

    /// <summary>First of them.</summary>
    public FieldPlace? FirstOther { get; set; }

    /// <summary>Fields of a column of numbers that are infinite, or beyond double precision.</summary>
    public int NotFinite { get; set; }

    /// <summary>First of them.</summary>
    public FieldPlace? FirstNotFinite { get; set; }

    /// <summary>First number with a decimal comma.</summary>
    public FieldPlace? FirstComma { get; set; }

    /// <summary>First number such as 1,018 or 1.018, which may be one thousand and eighteen.</summary>
    public FieldPlace? FirstGrouped { get; set; }

    /// <summary>Whether a number has no mark and is below 1,000, as it is with and without separators of thousands.</summary>
    public bool HasSmall { get; set; }

    /// <summary>Whether a number shows that there are no separators of thousands, such as 1.5 or 2000.</summary>
    public bool IsUngrouped { get; set; }

    /// <summary>First number with a decimal point; null where the separator is a comma, since then no number has another.</summary>
    public FieldPlace? FirstPoint { get; set; }
}
