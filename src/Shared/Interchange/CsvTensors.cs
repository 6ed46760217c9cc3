using System.Buffers;
using System.Globalization;
using System.Text;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Weights for spreadsheets: a folder with one CSV file a tensor, <c>layer0/weights.csv</c> for <c>layer0/weights</c>. A line is a row of a
/// matrix, or a whole vector. Numbers have enough digits to give the same float32 back.
/// </summary>
public static class CsvTensors
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".csv";

    private static readonly SearchValues<char> NotInFileNames = SearchValues.Create("\\:*?\"<>|\0");
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a new folder.</summary>
    /// <param name="folder">The folder, which must not exist.</param>
    /// <param name="tensors">Vectors and matrices whose names are valid file names.</param>
    /// <exception cref="InterchangeException">The folder exists, a name is no valid file name, or the disk failed.</exception>
    public static void Write(string folder, IReadOnlyList<NamedTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        InterchangeFile.RefuseExisting(folder);
        string[] paths = [.. tensors.Select(tensor => PathOf(folder, tensor.Name))];
        try
        {
            for (int i = 0; i < paths.Length; i++)
            {
                _ = Directory.CreateDirectory(Path.GetDirectoryName(paths[i])!);
                using var writer = new StreamWriter(paths[i], append: false, Utf8);
                WriteTensor(writer, tensors[i]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterchangeException(
                InterchangeError.Io, folder,
                $"could not be written: {e.Message} Check the folder, its permissions and the disk's free space.", e);
        }
    }

    /// <summary>
    /// Reads all <c>.csv</c> files below a folder. A file of one line is a vector, one of several lines a matrix; see
    /// <see cref="CsvNumbers"/>.
    /// </summary>
    /// <exception cref="InterchangeException">There is no such file, or one is not a table of numbers.</exception>
    public static IReadOnlyList<NamedTensor> Read(string folder)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles(
                folder, "*" + Extension, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false });
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InterchangeException(InterchangeError.NotFound, folder, "does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterchangeException(InterchangeError.Io, folder, $"cannot be read: {e.Message}", e);
        }

        if (files.Length == 0)
            throw new InterchangeException(
                InterchangeError.NotFound, folder, $"holds no {Extension} file; expected one for each parameter.");
        var limits = new InterchangeLimits(folder);
        return InterchangeFile.RequireFinite([.. files.Order(StringComparer.Ordinal).Select(file =>
        {
            string name = Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/');
            return InterchangeFile.Read(file, stream => ReadTensor(stream, name, limits, file));
        })], folder);
    }

    /// <summary>Path of a tensor's file. Names may come from foreign files, so they must not lead out of the folder.</summary>
    private static string PathOf(string folder, string name)
    {
        string[] parts = name.Split('/');
        if (parts.Any(part => part.Trim('.').Length == 0 || part.AsSpan().ContainsAny(NotInFileNames)))
        {
            throw new InterchangeException(InterchangeError.Unsupported, folder,
                $"cannot hold {ForeignText.Quote(name)}: expected a name that a file can have. Export to safetensors or npz.");
        }

        return Path.Combine([folder, .. parts[..^1], parts[^1] + Extension]);
    }

    private static void WriteTensor(TextWriter writer, NamedTensor tensor)
    {
        int columns = tensor.Shape[^1];
        for (int i = 0; i < tensor.Values.Length; i++)
        {
            writer.Write(tensor.Values[i].ToString("R", CultureInfo.InvariantCulture));
            writer.Write((i + 1) % columns == 0 ? '\n' : ',');
        }
    }

    private static NamedTensor ReadTensor(Stream stream, string name, InterchangeLimits limits, string file)
    {
        using var reader = new StreamReader(stream, Utf8);
        (int[] shape, float[] values) = new CsvNumbers(reader, file).Read();
        _ = limits.Add(name, [.. shape.Select(dimension => (long)dimension)]);
        return new NamedTensor(name, shape, values);
    }
}
