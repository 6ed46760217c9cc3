using System.IO.Compression;
using System.Runtime.InteropServices;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// NumPy's <c>.npz</c>: a zip archive with one <c>name.npy</c> an array, stored (<c>numpy.savez</c>) or deflated
/// (<c>numpy.savez_compressed</c>).
/// </summary>
public static class NpzFile
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".npz";

    // Deflate expands by up to 1,032 times, but trained weights, even mostly zero ones, by far less. The limit stops zip bombs.
    private const long MaxExpansion = 20, FreeBytes = 16 << 20;

    // NumPy's date for entries, the earliest of the zip format. A fixed date makes equal weights equal bytes.
    private static readonly DateTimeOffset EntryDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Reads all arrays of a file in archive order: float16, float32 and float64 as float32, of any byte order, in C or Fortran order.
    /// </summary>
    /// <exception cref="InterchangeException">
    /// It cannot be read, or violates the format; see <see cref="InterchangeException.Error"/>.
    /// </exception>
    public static IReadOnlyList<NamedTensor> Read(string path) =>
        InterchangeFile.RequireFinite(InterchangeFile.Read(path, stream => Read(stream, path)), path);

    /// <summary>Writes tensors as row-major float32, as <c>numpy.savez</c> does; equal input gives equal bytes.</summary>
    /// <param name="destination">The stream; written from its position.</param>
    /// <param name="tensors">Tensors with distinct names.</param>
    public static void Write(Stream destination, IReadOnlyList<NamedTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        LittleEndianMachine.Require();
        using var zip = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        foreach (NamedTensor tensor in tensors)
        {
            ZipArchiveEntry entry = zip.CreateEntry(tensor.Name + NpzEntries.Extension, CompressionLevel.NoCompression);
            entry.LastWriteTime = EntryDate;
            using Stream stream = entry.Open();
            stream.Write(NpyHeader.Encode(tensor.Shape));
            stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        }
    }

    internal static IReadOnlyList<NamedTensor> Read(Stream stream, string file)
    {
        var limits = new InterchangeLimits(file);
        return NpzEntries.Read<IReadOnlyList<NamedTensor>>(stream, file, entries =>
            [.. entries.Select(entry => ReadEntry(entry, limits, file, stream.Length)).OfType<NamedTensor>()]);
    }

    // Null for what is no weight.
    private static NamedTensor? ReadEntry(ZipArchiveEntry entry, InterchangeLimits limits, string file, long fileLength)
    {
        string name = NpzEntries.NameOf(entry, file), where = ForeignText.Quote(entry.FullName);
        return NpzEntries.Read<NamedTensor?>(entry, file, fileLength, stream =>
        {
            NpyHeader header = NpyHeader.Read(stream);
            bool isCounter = BatchCounter.Is(name, header.Shape.Count);
            NpyType type = TypeOf(header, where, file);
            int count = limits.Add(name, header.Shape);
            if (isCounter)
            {
                stream.ReadExactly(new byte[type.Size]);
                return null;
            }

            if (type.Element is not (ElementType.Float16 or ElementType.Float32 or ElementType.Float64))
                throw NotRead(header, where, file);

            if (limits.Values * sizeof(float) > FreeBytes + fileLength * MaxExpansion)
            {
                throw new InterchangeException(InterchangeError.Invalid, file,
                    $"holds {where} of shape {ForeignText.Shape(header.Shape)}, in all {limits.Values:N0} values in {fileLength:N0} bytes, "
                        + "which cannot be trained weights.");
            }

            float[] values = new float[count];
            ElementReader.Read(stream, type.Element, values, type.PutLittleEndian);
            int[] shape = [.. header.Shape.Select(dimension => (int)dimension)];
            return new NamedTensor(name, shape, header.FortranOrder ? RowMajor.From(values, shape) : values);
        });
    }

    private static NpyType TypeOf(NpyHeader header, string where, string file)
    {
        try
        {
            return NpyType.Parse(header.Descr);
        }
        catch (FormatException)
        {
            throw NotRead(header, where, file);
        }
    }

    private static InterchangeException NotRead(NpyHeader header, string where, string file) => new(InterchangeError.Unsupported, file,
        $"holds {where} of type {ForeignText.Quote(header.Descr)}; expected numbers of 2, 4 or 8 bytes with a fraction, such as '<f4'. "
            + "Save it with .astype('<f4'), or leave it out.");
}
