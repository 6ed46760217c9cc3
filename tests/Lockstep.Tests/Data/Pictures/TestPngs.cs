using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Lockstep.Lockstep.Tests.Data.Pictures;

/// <summary>Makes PNG files chunk by chunk.</summary>
internal static class TestPngs
{
    public const byte Grey = 0, Colour = 2, Palette = 3, GreyAlpha = 4, ColourAlpha = 6;

    /// <summary>A PNG file.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="depth">Bits of a value.</param>
    /// <param name="kind">Colour type.</param>
    /// <param name="rows">Each row after a byte 0, for no filter.</param>
    /// <param name="before">Chunks before the pixels.</param>
    public static byte[] Make(int width, int height, byte depth, byte kind, byte[] rows, params (string Type, byte[] Data)[] before)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = depth;
        header[9] = kind;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(rows);
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach ((string type, byte[] data) in ((string, byte[])[])[("IHDR", header), .. before, ("IDAT", packed.ToArray()), ("IEND", [])])
        {
            byte[] chunk = new byte[12 + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            _ = System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
            data.CopyTo(chunk.AsSpan(8));
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
            file.Write(chunk);
        }

        return file.ToArray();
    }

    /// <summary>A grey PNG of 8 bits.</summary>
    public static byte[] OfGrey(int width, params byte[] pixels) =>
        Make(width, pixels.Length / width, 8, Grey, [.. pixels.Chunk(width).SelectMany(row => row.Prepend((byte)0))]);

    /// <summary>A chunk of EXIF with an orientation.</summary>
    public static (string Type, byte[] Data) Exif(byte orientation, bool isBig) => ("eXIf", isBig
        ? [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
        : [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
}
