namespace Lockstep.Data.Raw.Pictures;

/// <summary>What the first bytes of a picture say that the decoder does not.</summary>
/// <param name="IsGrey">Whether all colours are grey by the kind of file.</param>
/// <param name="InPasses">Whether the picture comes in several passes, which the decoder keeps beside the pixels.</param>
/// <param name="Orientation">How to turn it, as EXIF says: 1 for as it is, to 8; 0 where the decoder tells.</param>
internal readonly record struct PictureHeader(bool IsGrey, bool InPasses, int Orientation)
{
    private static readonly (string Beginning, int At, string Name)[] Others =
    [
        ("GIF8", 0, "GIF"), ("WEBP", 8, "WebP"), ("BM", 0, "BMP"), ("II*\0", 0, "TIFF"), ("MM\0*", 0, "TIFF"), ("%PDF", 0, "PDF"),
        ("<svg", 0, "SVG"), ("<?xml", 0, "XML"), ("<!DOCTYPE", 0, "HTML"), ("<!doctype", 0, "HTML"), ("<html", 0, "HTML"),
        ("ftypheic", 4, "HEIC"), ("ftypmif1", 4, "HEIC"), ("ftypavif", 4, "AVIF"), ("PK\u0003\u0004", 0, "a zip archive"),
        ("\u001f\u008b", 0, "gzip"), ("\u0093NUMPY", 0, "a NumPy array"), ("P5", 0, "PGM"), ("P6", 0, "PPM"), ("8BPS", 0, "Photoshop"),
    ];

    /// <summary>Reads the header of a PNG or JPEG file.</summary>
    /// <param name="file">The whole file.</param>
    /// <returns>Null for another kind of file, see <see cref="NameOfOther"/>.</returns>
    /// <exception cref="FormatException">It is damaged, or of a kind that is not read; the message completes "the file ...".</exception>
    public static PictureHeader? Read(ReadOnlySpan<byte> file) =>
        file.StartsWith(PngChunks.Signature) ? PngChunks.ReadHeader(file)
        : file.StartsWith(JpegMarkers.Signature) ? JpegMarkers.ReadHeader(file)
        : null;

    /// <summary>What another kind of file looks like; null for what is not known.</summary>
    public static string? NameOfOther(ReadOnlySpan<byte> file)
    {
        foreach ((string beginning, int at, string name) in Others)
        {
            bool matches = file.Length >= at + beginning.Length;
            for (int i = 0; i < beginning.Length && matches; i++)
                matches = file[at + i] == beginning[i];
            if (matches)
                return name;
        }

        return null;
    }
}
