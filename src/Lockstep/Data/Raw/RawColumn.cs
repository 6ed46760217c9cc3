namespace Lockstep.Data.Raw;

/// <summary>A column of a table, or the labels of examples.</summary>
/// <param name="name">Name of the column.</param>
internal abstract class RawColumn(string name)
{
    /// <summary>Name of the column: from the header, or <c>column1</c>, <c>column2</c>, ... without one.</summary>
    public string Name { get; } = name;

    /// <summary>Number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Number of rows without a value.</summary>
    public abstract int Missing { get; }

    /// <summary>How its values may be meant otherwise than they were read: a sentence for people; null for no doubt.</summary>
    public string? Doubt { get; init; }
}
