using System.Text;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>
/// Reads MessagePack from untrusted sources. Every document has one fixed form, so a reader never skips, recurses or guesses: it states
/// what must come next and its maximum length, and refuses anything else with a <see cref="FormatException"/>.
/// </summary>
internal static class PackReading
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public delegate T Reader<out T>(ref MessagePackReader reader);

    /// <summary>Reads one document that fills all the bytes.</summary>
    /// <exception cref="FormatException">The bytes are something else; the message gives the offset.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> bytes, string what, Reader<T> read)
    {
        var reader = new MessagePackReader(bytes);
        try
        {
            T value = read(ref reader);
            if (reader.Consumed != bytes.Length)
                throw new FormatException($"{bytes.Length - reader.Consumed} bytes follow its end.");
            return value;
        }
        catch (Exception e) when (e is FormatException or MessagePackSerializationException or EndOfStreamException or OverflowException
            or DecoderFallbackException or ArgumentOutOfRangeException)
        {
            // The argument that the reader finds out of range is the length of a text, if that is 2^31 or more.
            string problem = e is EndOfStreamException or ArgumentOutOfRangeException ? "it ends too early." : e.Message;
            throw new FormatException($"Not a valid {what}, at byte {reader.Consumed} of {bytes.Length}: {problem}", e);
        }
    }

    /// <summary>Expects an array of exactly <paramref name="count"/> elements.</summary>
    public static void ExpectArray(this ref MessagePackReader reader, int count)
    {
        int actual = reader.ReadArrayHeader();
        if (actual != count)
            throw new FormatException($"an array of {actual} elements, expected {count}.");
    }

    /// <summary>Expects a map of exactly <paramref name="count"/> entries.</summary>
    public static void ExpectMap(this ref MessagePackReader reader, int count)
    {
        int actual = reader.ReadMapHeader();
        if (actual != count)
            throw new FormatException($"a map of {actual} entries, expected {count}.");
    }

    /// <summary>Expects one key of a map; keys come in their documented order.</summary>
    public static void ExpectKey(this ref MessagePackReader reader, string key)
    {
        string actual = reader.ReadText(256);
        if (actual != key)
            throw new FormatException($"the key {ForeignText.Quote(actual)}, expected '{key}'.");
    }

    /// <summary>Reads the header of an array of <paramref name="min"/> to <paramref name="max"/> elements.</summary>
    public static int ReadCount(this ref MessagePackReader reader, int min, int max)
    {
        int count = reader.ReadArrayHeader();
        return count >= min && count <= max ? count : throw new FormatException($"{count} elements, expected {min} to {max}.");
    }

    /// <summary>Reads strict UTF-8 of at most <paramref name="maxBytes"/> bytes.</summary>
    public static string ReadText(this ref MessagePackReader reader, int maxBytes)
    {
        if (!reader.TryReadStringSpan(out ReadOnlySpan<byte> utf8))
            throw new FormatException("nothing, expected a text.");
        if (utf8.Length > maxBytes)
            throw new FormatException($"a text of {utf8.Length} bytes, expected at most {maxBytes}.");
        return StrictUtf8.GetString(utf8);
    }

    /// <summary>Reads a block of at least <paramref name="min"/> and at most <paramref name="max"/> bytes, in place.</summary>
    public static ReadOnlySpan<byte> ReadBlock(this ref MessagePackReader reader, int min, int max)
    {
        if (reader.ReadBytes() is not { } block)
            throw new FormatException("nothing, expected bytes.");
        if (block.Length < min || block.Length > max)
            throw new FormatException($"{block.Length} bytes, expected {(min == max ? $"{min}" : $"{min} to {max}")}.");
        return block.FirstSpan;
    }

    /// <summary>Reads an integer in a range.</summary>
    public static int ReadInt32(this ref MessagePackReader reader, string name, int min, int max)
    {
        int value = reader.ReadInt32();
        return value >= min && value <= max ? value : throw OutOfRange(name, value, $"{min} to {max}");
    }

    /// <summary>Reads an integer in a range.</summary>
    public static long ReadInt64(this ref MessagePackReader reader, string name, long min, long max)
    {
        long value = reader.ReadInt64();
        return value >= min && value <= max ? value : throw OutOfRange(name, value, $"{min} to {max}");
    }

    /// <summary>Reads a finite number in a range.</summary>
    public static double ReadDouble(this ref MessagePackReader reader, string name, NumberRange<double> range)
    {
        double value = reader.ReadDouble();
        return range.Contains(value) ? value : throw OutOfRange(name, value, range.Words);
    }

    /// <summary>Reads an integer in a range.</summary>
    public static int ReadInt32(this ref MessagePackReader reader, string name, NumberRange<int> range)
    {
        int value = reader.ReadInt32();
        return range.Contains(value) ? value : throw OutOfRange(name, value, range.Words);
    }

    /// <summary>Reads an integer in a range.</summary>
    public static long ReadInt64(this ref MessagePackReader reader, string name, NumberRange<long> range)
    {
        long value = reader.ReadInt64();
        return range.Contains(value) ? value : throw OutOfRange(name, value, range.Words);
    }

    /// <summary>Reads a SHA-256 in lower-case hexadecimal.</summary>
    public static string ReadSha256(this ref MessagePackReader reader, string name)
    {
        string value = reader.ReadText(64);
        return value.Length == 64 && value.All(char.IsAsciiHexDigitLower)
            ? value
            : throw OutOfRange(name, $"'{value}'", "64 lower-case hexadecimal digits");
    }

    public static FormatException OutOfRange(string name, object value, string expected) => new($"{name} is {value}, expected {expected}.");
}
