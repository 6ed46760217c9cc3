using System.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Recognises files that are no text by their first bytes.</summary>
internal static class ForeignContent
{
    private const int LongestSignature = 64;

    /// <summary>First bytes, as Latin-1, and what begins with them.</summary>
    private static readonly (string Signature, string Kind)[] Signatures =
    [
        ("PK\u0003\u0004", "a zip archive, as .xlsx and .npz files are; a spreadsheet can be saved as CSV"),
        ("PAR1", "a Parquet file; its name should end in .parquet"),
        ("\u001f\u008b", "a gzip file inside of a gzip file"),
        ("\u0089PNG", "a PNG picture"),
        ("\u00ff\u00d8\u00ff", "a JPEG picture"),
        ("GIF8", "a GIF picture"),
        ("%PDF", "a PDF document"),
        ("\u0093NUMPY", "an array of numpy; its name should end in .npy"),
        ("\u0089HDF", "an HDF5 file"),
        ("ARROW1", "an Arrow or Feather file; pandas can save it as Parquet"),
        ("SQLite format 3", "a database of SQLite"),
        ("\u00d0\u00cf\u0011\u00e0", "an old document of Microsoft Office; a spreadsheet can be saved as CSV"),
        ("\u0028\u00b5\u002f\u00fd", "a zstd archive; unpack it first"),
        ("\u00fd7zXZ", "an xz archive; unpack it first"),
        ("BZh91AY&SY", "a bzip2 archive; unpack it first"),
        ("7z\u00bc\u00af", "a 7z archive; unpack it first"),
        ("\u007fELF", "a program"),
        ("<!doctype", "a web page; the download may have failed, or need a login"),
        ("<html", "a web page; the download may have failed, or need a login"),
        ("<?xml", "an XML document"),
        ("{\"", "a JSON document; pandas can save it as CSV"),
        ("[{\"", "a JSON document; pandas can save it as CSV"),
    ];

    /// <summary>What a file is.</summary>
    /// <param name="head">Its first bytes.</param>
    /// <returns>A noun with article; null for what may be a table.</returns>
    public static string? Recognise(ReadOnlySpan<byte> head)
    {
        string beginning = Encoding.Latin1.GetString(head[..Math.Min(head.Length, LongestSignature)]).TrimStart(' ', '\t', '\r', '\n');
        return Signatures.FirstOrDefault(entry => beginning.StartsWith(entry.Signature, ComparisonFor(entry.Signature))).Kind;
    }

    /// <summary>Markup is written in any case.</summary>
    private static StringComparison ComparisonFor(string signature) =>
        signature[0] == '<' ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
}
