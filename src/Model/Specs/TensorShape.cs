namespace Lockstep.Model.Specs;

/// <summary>
/// The dimensions of a tensor, such as [784] for an example's values or [784, 256] for a weight matrix. Values are row-major: the last
/// dimension is the columns, and all others together are the rows.
/// </summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    /// <summary>Creates a shape. The caller checks the ranges of the dimensions.</summary>
    /// <param name="dimensions">At least one dimension.</param>
    /// <exception cref="ArgumentException">There is no dimension.</exception>
    public TensorShape(params IReadOnlyList<int> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        if (dimensions.Count == 0)
            throw new ArgumentException("No dimensions; expected at least one.", nameof(dimensions));
        Dimensions = [.. dimensions];
    }

    /// <summary>The dimensions.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>The last dimension.</summary>
    public int Columns => Dimensions[^1];

    /// <summary>The product of all dimensions except the last; 1 for a vector.</summary>
    public long Rows => Dimensions.SkipLast(1).Aggregate(1L, (product, dimension) => checked(product * dimension));

    /// <summary>The product of all dimensions.</summary>
    public long Count => checked(Rows * Columns);

    /// <summary>Whether it is a vector.</summary>
    public bool IsFlat => Dimensions.Count == 1;

    /// <inheritdoc/>
    public bool Equals(TensorShape? other) => other is not null && Dimensions.SequenceEqual(other.Dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode() => Dimensions.Aggregate(Dimensions.Count, HashCode.Combine);

    /// <summary>Such as <c>784</c> or <c>28 x 28</c>.</summary>
    public override string ToString() => string.Join(" x ", Dimensions);
}
