using System.Buffers.Binary;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>
/// Reads what a PNG file says beside its pixels (PNG specification, third edition): whether it is grey, whether it is interlaced, and the
/// orientation in its <c>eXIf</c> chunk.
/// </summary>
internal static class PngChunks
{
    private const int ChunkBytes = 12, HeaderBytes = 13, PaletteKind = 3, ColourBit = 2;
    private const int AsItIs = 1, LastOrientation = 8;
    private const ushort OrientationTag = 0x112, ShortType = 3;

    /// <summary>The first bytes of every PNG file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Reads the header. Damage that it does not need to see is left to the decoder.</summary>
    /// <exception cref="FormatException">It does not begin with a header.</exception>
    public static PictureHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> rest = file[Signature.Length..];
        if (rest.Length < ChunkBytes + HeaderBytes || !rest[4..8].SequenceEqual("IHDR"u8))
            throw new FormatException("is cut short or damaged: it has no header");
        ReadOnlySpan<byte> header = rest.Slice(8, HeaderBytes);
        (byte kind, bool interlaced) = (header[9], header[12] != 0);
        bool isGrey = (kind & ColourBit) == 0;
        int orientation = AsItIs;
        while (rest.Length >= ChunkBytes)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - ChunkBytes)
                break;
            ReadOnlySpan<byte> type = rest[4..8], data = rest.Slice(8, (int)length);
            if (type.SequenceEqual("eXIf"u8))
                orientation = Orientation(data);
            else if (kind == PaletteKind && type.SequenceEqual("PLTE"u8))
                isGrey = IsGrey(data);
            rest = rest[(ChunkBytes + (int)length)..];
        }

        return new PictureHeader(isGrey, interlaced, orientation);
    }

    private static bool IsGrey(ReadOnlySpan<byte> palette)
    {
        for (; palette.Length >= 3; palette = palette[3..])
        {
            if (palette[0] != palette[1] || palette[1] != palette[2])
                return false;
        }

        return true;
    }

    /// <summary>The orientation of EXIF's first directory, which is one of TIFF; 1 where it has none.</summary>
    private static int Orientation(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8)
            return AsItIs;
        bool isBig = exif[..2].SequenceEqual("MM"u8);
        uint at = Number(exif[4..], 4, isBig);
        if ((!isBig && !exif[..2].SequenceEqual("II"u8)) || at > exif.Length - 2)
            return AsItIs;
        ReadOnlySpan<byte> entries = exif[(int)at..];
        uint count = Number(entries, 2, isBig);
        entries = entries[2..];
        for (; count > 0 && entries.Length >= 12; count--, entries = entries[12..])
        {
            if (Number(entries, 2, isBig) != OrientationTag)
                continue;
            uint value = Number(entries[8..], 2, isBig);
            return Number(entries[2..], 2, isBig) == ShortType && value is >= AsItIs and <= LastOrientation ? (int)value : AsItIs;
        }

        return AsItIs;
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int size, bool isBig) => (size, isBig) switch
    {
        (2, true) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (_, true) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
    };
}
