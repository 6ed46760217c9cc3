using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Lockstep.Model.Training;

/// <summary>
/// A hash of 128 bits: XXH3-128, seed 0. Not <see cref="UInt128"/>, because methods that take or return one cannot be compiled before the
/// program starts.
/// </summary>
/// <param name="Upper">The more significant half.</param>
/// <param name="Lower">The less significant half.</param>
public readonly record struct Hash128(ulong Upper, ulong Lower)
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 16;

    /// <summary>Length of <see cref="ToString"/> in digits.</summary>
    public const int HexLength = 2 * Bytes;

    /// <summary>The hash of bytes.</summary>
    public static Hash128 Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Bytes];
        XxHash128.Hash(content, hash);
        return ReadBigEndian(hash);
    }

    /// <summary>Reads what <see cref="WriteBigEndian"/> has written.</summary>
    public static Hash128 ReadBigEndian(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[sizeof(ulong)..]));

    /// <summary>Reads <see cref="HexLength"/> hexadecimal digits, the most significant first. False for any other text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash128 hash)
    {
        hash = default;
        if (text.Length != HexLength
            || !ulong.TryParse(text[..Bytes], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong upper)
            || !ulong.TryParse(text[Bytes..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong lower))
            return false;
        hash = new Hash128(upper, lower);
        return true;
    }

    /// <summary>Writes the <see cref="Bytes"/> of the hash, the most significant first.</summary>
    public void WriteBigEndian(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Upper);
        BinaryPrimitives.WriteUInt64BigEndian(destination[sizeof(ulong)..], Lower);
    }

    /// <summary>32 lower-case hexadecimal digits, the most significant first.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Upper:x16}{Lower:x16}");
}
