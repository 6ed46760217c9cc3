namespace Lockstep.Shared.Slicing;

/// <summary>A range of the trained parameters, in the layout of the model.</summary>
/// <param name="First">The first float.</param>
/// <param name="Count">Number of floats; 0 for none.</param>
public readonly record struct Slice(int First, int Count)
{
    // Cuts lie on cache lines, so that no two workers' sums share a vector.
    private const int Block = 16;

    /// <summary>One past the last float.</summary>
    public int End => First + Count;

    /// <summary>Whether it has no floats.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>One of several consecutive parts of almost equal length; some are empty if there are too few floats.</summary>
    public Slice Part(int part, int parts)
    {
        (Slice whole, int blocks) = (this, (Count + Block - 1) / Block);
        int start = Cut(part), end = Cut(part + 1);
        return new Slice(First + start, end - start);

        int Cut(int at) => Math.Min(whole.Count, (int)((long)blocks * at / parts) * Block);
    }

    /// <summary>Whether all of another slice is in this one.</summary>
    public bool Contains(Slice other) => other.First >= First && other.End <= End;

    /// <summary>The floats of this slice.</summary>
    /// <param name="values">All trained parameters.</param>
    public ReadOnlySpan<float> Of(ReadOnlySpan<float> values) => values.Slice(First, Count);

    /// <inheritdoc/>
    public override string ToString() => $"{First:N0} to {End:N0}";
}
