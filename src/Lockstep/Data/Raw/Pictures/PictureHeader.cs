using System.Buffers.Binary;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>What the first bytes of a picture say that the decoder does not.</summary>
/// <param name="IsGrey">Whether all colours are grey by the kind of file; null if it is grey when all of its pixels are.</param>
/// <param name="InPasses">Whether the picture comes in several passes, which the decoder keeps beside the pixels.</param>
/// <param name="Orientation">How to turn it, as EXIF says: 1 for as it is, to 8; 0 where the decoder tells.</param>
internal readonly record struct PictureHeader(bool? IsGrey, bool InPasses, int Orientation)
{
    private const int AsItIs = 1;

    // The sizes of BMP's headers, of which the first four bytes are the size.
    private static readonly int[] BmpHeaders = [12, 40, 52, 56, 64, 108, 124];

    /// <summary>Reads the header of a file of the kinds that are read.</summary>
    /// <param name="file">The whole file.</param>
    /// <returns>Null for another kind of file.</returns>
    /// <exception cref="FormatException">It is damaged, or of a kind that is not read; the message completes "the file ...".</exception>
    public static PictureHeader? Read(ReadOnlySpan<byte> file) =>
        file.StartsWith(PngChunks.Signature) ? PngChunks.ReadHeader(file)
        : file.StartsWith(JpegMarkers.Signature) ? JpegMarkers.ReadHeader(file)
        : file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) || IsBmp(file) ? new PictureHeader(null, InPasses: false, AsItIs)
        : IsWebP(file) ? WebP(file)
        : null;

    private static bool IsBmp(ReadOnlySpan<byte> file) =>
        file.Length >= 18 && file.StartsWith("BM"u8) && BmpHeaders.Contains(BinaryPrimitives.ReadInt32LittleEndian(file[14..]));

    // The orientation stands behind the pixels: a file without its end would be read as if it had none. Behind VP8X stands either kind.
    private static PictureHeader WebP(ReadOnlySpan<byte> file) =>
        BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) > file.Length - 8
            ? throw new FormatException("is cut short or damaged: it has fewer bytes than it says")
            : new PictureHeader(null, InPasses: file.IndexOf("VP8L"u8) >= 0, Orientation: 0);

    private static bool IsWebP(ReadOnlySpan<byte> file) =>
        file.Length >= 16 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBPVP8"u8);
}
