using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>The type of a NumPy array's elements.</summary>
/// <param name="Element">The type.</param>
/// <param name="Size">Bytes of an element, at least 1.</param>
/// <param name="IsBigEndian">Whether the bytes of each number are in big-endian order in the file.</param>
internal readonly record struct NpyType(ElementType Element, int Size, bool IsBigEndian)
{
    private const string Expected = "expected numbers, such as .astype('<f4') makes them, or texts";
    private const int Utf32Bytes = 4, MaxTextBytes = 1 << 20;

    /// <summary>Bytes that are reversed together: those of a number or code point.</summary>
    private int UnitBytes => Element switch { ElementType.Utf32 => Utf32Bytes, ElementType.Utf8 => 1, _ => Size };

    /// <summary>Reads NumPy's name of a type, such as <c>&lt;f4</c>: byte order, kind and size.</summary>
    /// <exception cref="FormatException">It is none, or one that is not read.</exception>
    public static NpyType Parse(string descr)
    {
        char order = descr.Length > 2 ? descr[0] : '\0';
        if (order is not ('<' or '>' or '|' or '=')
            || !int.TryParse(descr.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int size))
            throw NotRead(descr);
        if (descr[1] is 'U' or 'S' or 'a')
        {
            int unit = descr[1] == 'U' ? Utf32Bytes : 1;
            return size is < 1 or > MaxTextBytes / Utf32Bytes
                ? throw NotRead(descr)
                : new NpyType(unit == 1 ? ElementType.Utf8 : ElementType.Utf32, size * unit, order == '>');
        }

        ElementType element = descr[1..] switch
        {
            "b1" => ElementType.Boolean,
            "i1" => ElementType.Int8,
            "u1" => ElementType.UInt8,
            "i2" => ElementType.Int16,
            "u2" => ElementType.UInt16,
            "i4" => ElementType.Int32,
            "u4" => ElementType.UInt32,
            "i8" => ElementType.Int64,
            "u8" => ElementType.UInt64,
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float32,
            "f8" => ElementType.Float64,
            _ => throw NotRead(descr),
        };
        return new NpyType(element, size, order == '>');
    }

    /// <summary>Puts elements as they are in the file into little-endian order.</summary>
    public void PutLittleEndian(Span<byte> values)
    {
        if (!IsBigEndian)
            return;
        switch (UnitBytes)
        {
            case 2:
                Reverse(MemoryMarshal.Cast<byte, ushort>(values));
                break;
            case 4:
                Reverse(MemoryMarshal.Cast<byte, uint>(values));
                break;
            case 8:
                Reverse(MemoryMarshal.Cast<byte, ulong>(values));
                break;
        }
    }

    private static void Reverse(Span<ushort> values) => BinaryPrimitives.ReverseEndianness(values, values);

    private static void Reverse(Span<uint> values) => BinaryPrimitives.ReverseEndianness(values, values);

    private static void Reverse(Span<ulong> values) => BinaryPrimitives.ReverseEndianness(values, values);

    private static FormatException NotRead(string descr) => new(descr.Length > 1 && descr[1] == 'O'
        ? $"it holds Python objects, which are pickled and can run any code; {Expected}"
        : $"it holds elements of type {ForeignText.Quote(descr)}; {Expected}");
}
