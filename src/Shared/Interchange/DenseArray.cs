namespace Lockstep.Shared.Interchange;

/// <summary>An array of numbers or texts as it is in a file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Values">[shape] row-major, little-endian.</param>
internal sealed record DenseArray(string Name, ElementType Type, int Size, int[] Shape, byte[] Values)
{
    /// <summary>Whether the elements are texts.</summary>
    public bool IsText => Type is ElementType.Utf8 or ElementType.Utf32;

    /// <summary>Whether the elements are numbers that can be NaN or infinite.</summary>
    public bool IsFloat => Type is ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64;
}
