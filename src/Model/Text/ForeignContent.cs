using System.Text;
using System.Text.Unicode;

namespace Lockstep.Model.Text;

/// <summary>Recognises kinds of files by their first bytes, to say what a file is that was expected to be another.</summary>
/// <param name="Kind">A noun with article, such as <c>a PNG picture</c>.</param>
/// <param name="AsTable">What to do to get a table of it, as the end of a sentence; null for nothing.</param>
/// <param name="AsWeights">What to do to get weights of it, as a sentence; null for nothing.</param>
/// <param name="AsPicture">What to do to get a picture of it that is read, as a sentence; null for nothing.</param>
public sealed record ForeignContent(string Kind, string? AsTable = null, string? AsWeights = null, string? AsPicture = null)
{
    /// <summary>First bytes that tell all kinds apart.</summary>
    public const int HeadBytes = 512;

    private const string Unpack = "unpack it first", SaveAsCsv = "save it as CSV", Pickled = "A pickle can run any code, so it is not "
        + "read: save the state_dict with safetensors.torch.save_file or numpy.savez, and import that.";
    private const string OpenAndSave = "Open it in a program for pictures, and save it as PNG.",
        Export = "Export the drawing as PNG, or take a screenshot of it.";

    private const string ZipSignature = "PK\u0003\u0004";
    private const int ZipNameLength = 26, ZipName = 30, SafetensorsHeader = 8;

    private static readonly ForeignContent Zip = new("a zip archive", Unpack),
        Office = new("a spreadsheet (Excel), or another document of Microsoft Office", SaveAsCsv),
        OpenDocument = new("a spreadsheet, or another document of LibreOffice or OpenOffice", SaveAsCsv),
        Torch = new("a file of PyTorch", AsWeights: Pickled),
        Page = new("a web page: the download may have failed, or need a login"),
        Json = new("a JSON document", "pandas can save it as CSV"),
        Onnx = new("an ONNX model", AsWeights: "It is only exported: take the weights as safetensors or npz from where it was made."),
        Heic = new("a HEIC picture", AsPicture: "Save it as JPEG: on a computer open and export it; on an iPhone choose Settings > "
            + "Camera > Formats > Most Compatible, after which it takes JPEG."),
        Avif = new("an AVIF picture", AsPicture: OpenAndSave), Tiff = new("a TIFF picture", AsPicture: OpenAndSave);

    /// <summary>First bytes, as Latin-1, where they are, and what has them.</summary>
    private static readonly (string Signature, int At, ForeignContent Content)[] Signatures =
    [
        ("PAR1", 0, new("a Parquet file", "its name should end in .parquet")),
        ("\u0093NUMPY", 0, new("an array of NumPy", "its name should end in .npy")),
        ("\u001f\u008b", 0, new("a gzip file", Unpack)),
        ("\u0089PNG", 0, new("a PNG picture")),
        ("\u00ff\u00d8\u00ff", 0, new("a JPEG picture")),
        ("GIF8", 0, new("a GIF picture")),
        ("WEBP", 8, new("a WebP picture")),
        ("ftypavi", 4, Avif),
        ("ftyphei", 4, Heic),
        ("ftyphev", 4, Heic),
        ("ftypmif1", 4, Heic),
        ("ftypmsf1", 4, Heic),
        ("II*\0", 0, Tiff),
        ("MM\0*", 0, Tiff),
        ("8BPS", 0, new("a picture of Photoshop")),
        ("%PDF", 0, new("a PDF document", AsPicture: "Export the page as PNG, or take a screenshot of it.")),
        ("\u0089HDF", 0, new(
            "an HDF5 file, as Keras writes them", AsWeights: "Save the arrays of model.get_weights() with numpy.savez, and import that.")),
        ("GGUF", 0, new("a GGUF file")),
        ("ARROW1", 0, new("an Arrow or Feather file", "pandas can save it as Parquet")),
        ("SQLite format 3", 0, new("a database of SQLite")),
        ("\u00d0\u00cf\u0011\u00e0", 0, new("an old document of Microsoft Office", "a spreadsheet can be saved as CSV")),
        ("\u0028\u00b5\u002f\u00fd", 0, new("a zstd archive", Unpack)),
        ("\u00fd7zXZ", 0, new("an xz archive", Unpack)),
        ("BZh91AY&SY", 0, new("a bzip2 archive", Unpack)),
        ("7z\u00bc\u00af", 0, new("a 7z archive", Unpack)),
        ("\u007fELF", 0, new("a program")),
        ("\u008b\u00a6format\u00b3lockstep-checkpoint", 0, new("a checkpoint of Lockstep")),
        ("\u0080\u0002", 0, new("a Python pickle", AsWeights: Pickled)),
        ("\u0080\u0003", 0, new("a Python pickle", AsWeights: Pickled)),
        ("\u0080\u0004", 0, new("a Python pickle", AsWeights: Pickled)),
        ("\u0080\u0005", 0, new("a Python pickle", AsWeights: Pickled)),
    ];

    // Where the first entry of a document of Microsoft Office may be.
    private static readonly string[] OfficeFolders = ["[Content_Types].xml", "_rels/", "docProps/", "xl/", "word/", "ppt/"];

    // After blanks, in any case.
    private static readonly (string Signature, ForeignContent Content)[] Texts =
    [
        ("<!doctype html", Page), ("<html", Page), ("<svg", new("an SVG picture", AsPicture: Export)),
        ("<?xml", new("an XML document", AsPicture: Export)),
        ("<!doctype", new("an XML document")), ("{\"", Json), ("[{\"", Json),
    ];

    /// <summary>Tensors of Hugging Face's safetensors.</summary>
    public static ForeignContent Safetensors { get; } = new("a safetensors file");

    /// <summary>NumPy's npz.</summary>
    public static ForeignContent Arrays { get; } = new("an archive of NumPy's arrays", "its name should end in .npz");

    /// <summary>Whether Lockstep imports weights from such files.</summary>
    public bool IsImported => this == Safetensors || this == Arrays;

    /// <summary>Whether it is a picture, which Lockstep reads or not.</summary>
    public bool IsPicture => Kind.Contains(" picture", StringComparison.Ordinal);

    /// <summary>The first bytes of a file from where it stands, as many as tell all kinds apart, or all that there are.</summary>
    public static byte[] HeadOf(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        byte[] head = new byte[HeadBytes];
        return head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    /// <summary>What a file is, also where it is empty or text.</summary>
    /// <param name="head">Its first bytes, at most <see cref="HeadBytes"/> of them.</param>
    /// <returns>A predicate such as <c>is empty</c> or <c>is a text</c>; null for what is not known.</returns>
    public static string? Predicate(ReadOnlySpan<byte> head) => head.IsEmpty ? "is empty"
        : Recognise(head) is { } known ? $"is {known.Kind}"
        : head.IndexOfAnyInRange((byte)0, (byte)8) < 0 && Utf8.IsValid(head[..LastWhole(head)]) ? "is a text"
        : null;

    // Where the last character may be cut.
    private static int LastWhole(ReadOnlySpan<byte> head)
    {
        int end = head.Length;
        while (end > Math.Max(0, head.Length - 4) && !Utf8.IsValid(head[..end]))
            end--;
        return end;
    }

    /// <summary>What a file is.</summary>
    /// <param name="head">Its first bytes, at most <see cref="HeadBytes"/> of them.</param>
    /// <returns>Null for what may be text or what is not known.</returns>
    public static ForeignContent? Recognise(ReadOnlySpan<byte> head)
    {
        string bytes = Encoding.Latin1.GetString(head[..Math.Min(head.Length, HeadBytes)]);
        if (bytes.StartsWith(ZipSignature, StringComparison.Ordinal))
            return OfArchive(bytes);
        if (bytes.Length > SafetensorsHeader && bytes[SafetensorsHeader] == '{'
            && bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0)
            return Safetensors;
        // ONNX: the version of its format is the first field, who made it, the graph or the operators the next.
        if (bytes.Length > 3 && bytes[0] == '\b' && bytes[1] is > '\0' and < ' ' && bytes[2] is '\u0012' or ':' or 'B')
            return Onnx;
        foreach ((string signature, int at, ForeignContent content) in Signatures)
        {
            if (bytes.AsSpan(Math.Min(at, bytes.Length)).StartsWith(signature, StringComparison.Ordinal))
                return content;
        }

        string text = bytes.TrimStart(' ', '\t', '\r', '\n', '\u00ef', '\u00bb', '\u00bf');
        return Texts.FirstOrDefault(entry => text.StartsWith(entry.Signature, StringComparison.OrdinalIgnoreCase)).Content;
    }

    // By the name of the first entry.
    private static ForeignContent OfArchive(string bytes)
    {
        int length = bytes.Length > ZipName ? bytes[ZipNameLength] | bytes[ZipNameLength + 1] << 8 : 0;
        string name = length > 0 && bytes.Length >= ZipName + length ? bytes.Substring(ZipName, length) : "";
        return name.EndsWith(".npy", StringComparison.Ordinal) ? Arrays
            : name.EndsWith("/data.pkl", StringComparison.Ordinal) ? Torch
            : name == "mimetype" && bytes.Contains(".opendocument.", StringComparison.Ordinal) ? OpenDocument
            : OfficeFolders.Any(folder => name.StartsWith(folder, StringComparison.Ordinal)) ? Office
            : Zip;
    }
}
