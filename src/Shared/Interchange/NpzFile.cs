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

    private const string EntryExtension = ".npy";

    // Deflate expands by up to 1,032 times, but trained weights, even mostly zero ones, by far less. The limit stops zip bombs.
    private const long MaxExpansion = 20, FreeBytes = 16 << 20;

    // NumPy's date for entries, the earliest of the zip format. A fixed date makes equal weights equal bytes.
    private static readonly DateTimeOffset EntryDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads all arrays of a file in archive order: float16, float32 and float64 as float32, in C or Fortran order.</summary>
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
            ZipArchiveEntry entry = zip.CreateEntry(tensor.Name + EntryExtension, CompressionLevel.NoCompression);
            entry.LastWriteTime = EntryDate;
            using Stream stream = entry.Open();
            stream.Write(NpyHeader.Encode(tensor.Shape));
            stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        }
    }

    internal static IReadOnlyList<NamedTensor> Read(Stream stream, string file)
    {
        var limits = new InterchangeLimits(file);
        var tensors = new List<NamedTensor>();
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            foreach (ZipArchiveEntry entry in zip.Entries)
                tensors.Add(ReadEntry(entry, limits, file, stream.Length));
        }
        catch (InvalidDataException e)
        {
            throw new InterchangeException(
                InterchangeError.Invalid, file,
                $"is not a whole zip archive, which .npz is: {e.Message.TrimEnd('.')}. Copy or save it again.", e);
        }

        return tensors;
    }

    private static NamedTensor ReadEntry(ZipArchiveEntry entry, InterchangeLimits limits, string file, long fileLength)
    {
        string where = ForeignText.Quote(entry.FullName);
        if (!entry.FullName.EndsWith(EntryExtension, StringComparison.Ordinal))
        {
            string advice = entry.FullName.EndsWith(".pkl", StringComparison.Ordinal)
                ? "A pickle can run any code, so it is not read: save the state_dict with safetensors or numpy.savez."
                : "Save arrays with numpy.savez.";
            throw new InterchangeException(
                InterchangeError.Unsupported, file, $"holds {where}, which is no array ({EntryExtension}). {advice}");
        }

        if (entry.IsEncrypted)
            throw new InterchangeException(InterchangeError.Unsupported, file, $"holds {where} encrypted; save it without a password.");
        if (entry.CompressedLength > fileLength)
            throw new InterchangeException(
                InterchangeError.Invalid, file, $"says that {where} takes {entry.CompressedLength:N0} bytes of its {fileLength:N0}.");
        try
        {
            using Stream opened = entry.Open();
            var stream = new Crc32Stream(opened);
            NpyHeader header = NpyHeader.Read(stream);
            ElementType type = header.Descr switch
            {
                "<f2" => ElementType.Float16,
                "<f4" => ElementType.Float32,
                "<f8" => ElementType.Float64,
                _ => throw new InterchangeException(InterchangeError.Unsupported, file,
                    $"holds {where} of type {ForeignText.Quote(header.Descr)}; expected <f4, <f2 or <f8. "
                        + "Save it with .astype('<f4'), or leave it out."),
            };
            int count = limits.Add(entry.FullName[..^EntryExtension.Length], header.Shape);
            if (limits.Values * sizeof(float) > FreeBytes + fileLength * MaxExpansion)
            {
                throw new InterchangeException(InterchangeError.Invalid, file,
                    $"holds {where} of shape {ForeignText.Shape(header.Shape)}, in all {limits.Values:N0} values in {fileLength:N0} bytes, "
                        + "which cannot be trained weights.");
            }

            float[] values = new float[count];
            ElementReader.Read(stream, type, values);
            if (stream.ReadByte() >= 0)
                throw new FormatException("values follow its end");
            if (stream.Value != entry.Crc32)
                throw new FormatException("its CRC-32 is wrong, so it was changed after it was written");
            int[] shape = [.. header.Shape.Select(dimension => (int)dimension)];
            return new NamedTensor(
                entry.FullName[..^EntryExtension.Length], shape, header.FortranOrder ? ToRowMajor(values, shape) : values);
        }
        catch (Exception e) when (e is FormatException or OverflowException or EndOfStreamException)
        {
            string problem = e is EndOfStreamException ? "it ends too early" : e.Message;
            throw new InterchangeException(
                e is EndOfStreamException ? InterchangeError.Truncated : InterchangeError.Invalid, file,
                $"holds {where}, which cannot be used: {problem}.", e);
        }
    }

    /// <summary>Converts column-major values to row-major.</summary>
    private static float[] ToRowMajor(float[] columnMajor, int[] shape)
    {
        if (shape.Length < 2)
            return columnMajor;
        float[] rowMajor = new float[columnMajor.Length];
        int[] index = new int[shape.Length], strides = new int[shape.Length];
        for (int axis = 0, stride = 1; axis < shape.Length; stride *= shape[axis++])
            strides[axis] = stride;
        for (int i = 0, from = 0; i < rowMajor.Length; i++)
        {
            rowMajor[i] = columnMajor[from];
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return rowMajor;
    }
}
