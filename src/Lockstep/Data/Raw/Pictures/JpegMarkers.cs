using System.Buffers.Binary;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>Reads the frame header of a JPEG file (ITU-T T.81): number of components, and whether they come in several scans.</summary>
internal static class JpegMarkers
{
    private const byte Start = 0xff, StartOfScan = 0xda, EndOfImage = 0xd9;
    private const int FrameBytes = 8;

    // Ten are common. Each goes over all pixels, whatever it holds, so a small file of many would take minutes.
    private const int MaxScans = 100;

    /// <summary>The first bytes of every JPEG file.</summary>
    public static ReadOnlySpan<byte> Signature => [Start, 0xd8, Start];

    /// <summary>Reads the header; the decoder tells the orientation.</summary>
    /// <exception cref="FormatException">It has no frame header before its pixels, or is of a kind that is not read.</exception>
    public static PictureHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        PictureHeader? header = null;
        for (int at = 2; at + 4 <= file.Length;)
        {
            byte marker = file[at + 1];
            if (file[at] != Start || marker == EndOfImage)
                break;
            if (marker == StartOfScan && header is { } frame)
                return frame with { InPasses = HasSeveralScans(file[at..]) || frame.InPasses };
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
                header ??= Frame(marker, bits: segment[2], components: segment[7]);
            at += 2 + length;
        }

        throw new FormatException("is cut short or damaged: it has no header");
    }

    /// <summary>Whether scans follow the first. Bytes that look like a marker have a zero in between within a scan.</summary>
    private static bool HasSeveralScans(ReadOnlySpan<byte> scans)
    {
        int count = 0;
        for (int at; (at = scans.IndexOf([Start, StartOfScan])) >= 0; scans = scans[(at + 2)..])
        {
            if (++count > MaxScans)
                throw new FormatException($"is a JPEG of more than {MaxScans} scans");
        }

        return count > 1;
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
