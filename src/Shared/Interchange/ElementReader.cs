using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Reads numbers of the floating-point types as float32: exactly from shorter types, rounded to nearest even from float64.
/// </summary>
internal static class ElementReader
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>Size of a number in bytes.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.Boolean or ElementType.Int8 or ElementType.UInt8 => 1,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 or ElementType.UInt16 => 2,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Float64 or ElementType.Int64 or ElementType.UInt64 => 8,
        _ => throw new ArgumentException($"{type} has no fixed size.", nameof(type)),
    };

    /// <summary>Fills <paramref name="values"/>.</summary>
    /// <param name="stream">The numbers.</param>
    /// <param name="type">Their type.</param>
    /// <param name="values">Receives them.</param>
    /// <param name="toLittleEndian">Puts the bytes of numbers of another order in order; null for little-endian numbers.</param>
    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    /// <exception cref="OverflowException">A finite float64 is too large for float32.</exception>
    public static void Read(Stream stream, ElementType type, Span<float> values, Action<Span<byte>>? toLittleEndian = null)
    {
        LittleEndianMachine.Require();
        if (type == ElementType.Float32)
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(values));
            toLittleEndian?.Invoke(MemoryMarshal.AsBytes(values));
            return;
        }

        int size = SizeOf(type);
        byte[] buffer = new byte[Math.Min(ChunkBytes, (long)values.Length * size)];
        while (values.Length > 0)
        {
            int count = Math.Min(values.Length, buffer.Length / size);
            Span<byte> bytes = buffer.AsSpan(0, count * size);
            stream.ReadExactly(bytes);
            toLittleEndian?.Invoke(bytes);
            for (int i = 0; i < count; i++)
                values[i] = Convert(bytes[(i * size)..], type);
            values = values[count..];
        }
    }

    private static float Convert(ReadOnlySpan<byte> bytes, ElementType type)
    {
        if (type == ElementType.Float16)
            return (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);
        if (type == ElementType.BFloat16)
            return BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16);
        double value = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        float rounded = (float)value;
        return float.IsInfinity(rounded) && double.IsFinite(value)
            ? throw new OverflowException($"{value:G6} is too large for a float32")
            : rounded;
    }
}
