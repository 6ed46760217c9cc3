namespace Lockstep.Data.Raw;

/// <summary>A column of numbers. A missing one is NaN; all others are finite.</summary>
/// <param name="name">Name of the column.</param>
internal abstract class NumberValues(string name) : RawColumn(name)
{
    /// <summary>Copies the numbers of consecutive rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="values">[rows] receives the numbers.</param>
    public abstract void CopyTo(int first, Span<double> values);
}
