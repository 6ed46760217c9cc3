namespace Lockstep.Data.Raw;

/// <summary>A column of texts, each different one stored once.</summary>
/// <param name="name">Name of the column.</param>
/// <param name="texts">The different texts, in the order in which they first occur.</param>
/// <param name="codes">[rows] index of the text of each row; -1 where it is missing.</param>
internal sealed class TextValues(string name, IReadOnlyList<string> texts, int[] codes) : RawColumn(name)
{
    /// <summary>The different texts, in the order in which they first occur.</summary>
    public IReadOnlyList<string> Texts { get; } = texts;

    /// <summary>[rows] index of the text of each row; -1 where it is missing.</summary>
    public ReadOnlySpan<int> Codes => codes;

    /// <inheritdoc/>
    public override int Count => codes.Length;

    /// <inheritdoc/>
    public override int Missing { get; } = codes.AsSpan().Count(-1);
}
