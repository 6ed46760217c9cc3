using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Data;

/// <summary>The beginning of an IDX file: two zero bytes, the type, the number of dimensions, and each of them as big-endian
/// int32.</summary>
/// <param name="Type">Type of the numbers.</param>
/// <param name="Shape">The dimensions, each at least 1.</param>
internal sealed record IdxHeader(IdxType Type, int[] Shape)
{
    /// <summary>Most dimensions that are read.</summary>
    public const int MaxDimensions = 8;

    /// <summary>Bytes of a number.</summary>
    public int Size => Type switch
    {
        IdxType.UnsignedByte or IdxType.SignedByte => 1,
        IdxType.Signed16 => 2,
        IdxType.Real64 => 8,
        _ => 4,
    };

    /// <summary>Bytes of all numbers, at most <see cref="IdxFile.MaxContentBytes"/>.</summary>
    public int Bytes => Shape.Aggregate(Size, (product, dimension) => product * dimension);

    /// <summary>Such as <c>IDX of 32-bit integers in 2 dimensions</c>.</summary>
    public string KindText => $"IDX of {NameOf(Type)} in {Shape.Length} dimension{(Shape.Length == 1 ? "" : "s")}";

    /// <summary>Reads the header.</summary>
    /// <param name="reader">The file, at its beginning.</param>
    /// <param name="expectedMagic">First four bytes that are expected, for the message about another kind of file; 0 for any IDX
    /// file.</param>
    /// <param name="names">Names of the things that the dimensions count, such as <c>images</c>, <c>rows</c>.</param>
    /// <exception cref="IdxFormatException">It is none, or says impossible sizes.</exception>
    public static IdxHeader Read(IdxReader reader, int expectedMagic, params ReadOnlySpan<string> names)
    {
        uint magic = (uint)reader.ReadInt32("the magic number");
        (IdxType type, int dimensions) = ((IdxType)(magic >> 8), (int)(magic & 0xff));
        if (!Enum.IsDefined(type) || dimensions is 0 or > MaxDimensions)
            throw new IdxFormatException(reader.FileName, 0, OtherKind(reader, magic, expectedMagic));
        int[] shape = new int[dimensions];
        Int128 bytes = new IdxHeader(type, []).Size;
        for (int i = 0; i < dimensions; i++)
        {
            shape[i] = reader.ReadInt32(i < names.Length ? $"the number of {names[i]}" : $"dimension {i + 1}");
            bytes = Int128.Min(bytes * shape[i], long.MaxValue);
        }

        if (shape.Any(dimension => dimension < 1) || bytes > IdxFile.MaxContentBytes)
        {
            throw new IdxFormatException(reader.FileName, 4,
                $"an array of shape {string.Join(" x ", shape)}; expected at least 1 in each dimension and at most "
                    + $"{IdxFile.MaxContentBytes:N0} bytes in all. {IdxFile.FetchAgain}");
        }

        return new IdxHeader(type, shape);
    }

    /// <summary>Reverses the bytes of each number.</summary>
    public void ReverseBytes(Span<byte> values)
    {
        switch (Size)
        {
            case 2:
                Span<short> shorts = MemoryMarshal.Cast<byte, short>(values);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                Span<int> ints = MemoryMarshal.Cast<byte, int>(values);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                Span<long> longs = MemoryMarshal.Cast<byte, long>(values);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    private static string NameOf(IdxType type) => type switch
    {
        IdxType.UnsignedByte => "unsigned bytes",
        IdxType.SignedByte => "signed bytes",
        IdxType.Signed16 => "16-bit integers",
        IdxType.Signed32 => "32-bit integers",
        IdxType.Real32 => "32-bit floating-point numbers",
        _ => "64-bit floating-point numbers",
    };

    private static string OtherKind(IdxReader reader, uint magic, int expected)
    {
        if (magic >> 16 == 0x1f8b)
            return "a gzip file within a gzip file. It was compressed twice; unpack it once with gunzip.";
        Span<byte> beginning = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(beginning, magic);
        string what = expected switch { IdxFile.ImagesMagic => "images ", IdxFile.LabelsMagic => "labels ", _ => "" };
        string wanted = expected == 0 ? "expected 0x00000801 or alike" : $"expected 0x{expected:x8}";
        string looksLike = reader.Recognise(beginning) is { } other
            ? $"It looks like {other.Kind}."
            : $"This is not an IDX {what}file.";
        return $"magic number 0x{magic:x8}; {wanted}. {looksLike} {IdxFile.FetchAgain}";
    }
}
