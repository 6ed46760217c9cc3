using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Reads arrays in NumPy's format: numbers of any type and byte order or texts, in C or Fortran order. Memory grows with the content, not
/// with what a header claims.
/// </summary>
internal static class NpyArray
{
    /// <summary>Most bytes of an array.</summary>
    public const int MaxBytes = 2_000_000_000;

    private const int FirstBytes = 1 << 16;

    /// <summary>Reads an array from its header on to the end of its values.</summary>
    /// <exception cref="FormatException">It is none, or one that is not read; the message completes "it cannot be used: ...".</exception>
    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    public static DenseArray Read(Stream stream, string name)
    {
        LittleEndianMachine.Require();
        var header = NpyHeader.Read(stream);
        var type = NpyType.Parse(header.Descr);
        Int128 bytes = type.Size;
        foreach (long dimension in header.Shape)
        {
            if (dimension is < 0 or > int.MaxValue)
                throw TooLarge(header);
            bytes = Int128.Min(bytes * dimension, long.MaxValue);
        }

        if (bytes > MaxBytes)
            throw TooLarge(header);
        int[] shape = [.. header.Shape.Select(dimension => (int)dimension)];
        byte[] values = ReadGrowing(stream, (int)bytes);
        type.PutLittleEndian(values);
        if (header.FortranOrder && bytes > 0)
            values = RowMajor.From(values, shape, type.Size);
        return new DenseArray(name, type.Element, type.Size, shape, values);
    }

    private static FormatException TooLarge(NpyHeader header) => new(
        $"it has the shape {ForeignText.Shape(header.Shape)} of {ForeignText.Quote(header.Descr)}; at most {MaxBytes:N0} bytes are read");

    private static byte[] ReadGrowing(Stream stream, int count)
    {
        byte[] bytes = new byte[Math.Min(count, FirstBytes)];
        for (int length = 0; ;)
        {
            stream.ReadExactly(bytes.AsSpan(length));
            length = bytes.Length;
            if (length == count)
                return bytes;
            byte[] longer = GC.AllocateUninitializedArray<byte>((int)Math.Min(count, 2L * length));
            bytes.CopyTo(longer, 0);
            bytes = longer;
        }
    }
}
