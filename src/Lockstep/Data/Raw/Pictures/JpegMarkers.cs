using System.Buffers.Binary;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>Reads the frame header of a JPEG file (ITU-T T.81): number of components, and whether it is progressive.</summary>
internal static class JpegMarkers
{
    private const byte Start = 0xff, StartOfScan = 0xda, EndOfImage = 0xd9;
    private const int FrameBytes = 8;

    /// <summary>The first bytes of every JPEG file.</summary>
    public static ReadOnlySpan<byte> Signature => [Start, 0xd8, Start];

    /// <summary>Reads the header; the decoder tells the orientation.</summary>
    /// <exception cref="FormatException">It has no frame header before its pixels, or is of a kind that is not read.</exception>
    public static PictureHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        for (int at = 2; at + 4 <= file.Length;)
        {
            byte marker = file[at + 1];
            if (file[at] != Start || marker is StartOfScan or EndOfImage)
                break;
            if (marker == Start)
            {
                at++; // Any number of these may stand before a marker.
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            ReadOnlySpan<byte> segment = file[(at + 2)..];
            if (length < 2 || length > segment.Length)
                break;
            if (IsFrame(marker) && length >= FrameBytes)
                return Frame(marker, bits: segment[2], components: segment[7]);
            at += 2 + length;
        }

        throw new FormatException("is cut short or damaged: it has no header");
    }

    // SOF0 to SOF15 without DHT, JPG and DAC.
    private static bool IsFrame(byte marker) => marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc);

    private static PictureHeader Frame(byte marker, int bits, int components)
    {
        bool isHuffman = marker is 0xc0 or 0xc1 or 0xc2;
        if (!isHuffman || bits != 8)
            throw new FormatException("is a JPEG of a kind that is not read (lossless, arithmetic, hierarchical or of 12 bits)");
        if (components is not (1 or 3))
            throw new FormatException($"is a JPEG of {components} colours, such as CMYK for print, not grey or RGB");
        return new PictureHeader(IsGrey: components == 1, InPasses: marker == 0xc2, Orientation: 0);
    }
}
