using System.IO.Compression;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Interchange;

namespace Lockstep.Data.Raw.Arrays;

/// <summary>The arrays of a <c>.npz</c> file, or the <c>.npy</c> files of a folder.</summary>
internal sealed class NamedArrays
{
    private readonly Dictionary<string, Func<bool, (NpyHeader? Header, DenseArray? Array)>> _entries = new(StringComparer.Ordinal);

    private NamedArrays(string path) => Path = path;

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>Names of the arrays.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Opens a file or folder, and reads from it.</summary>
    /// <param name="path">A <c>.npz</c> file, a <c>.npy</c> file, or a folder with those.</param>
    /// <param name="read">Reads arrays; they cannot be read after that.</param>
    /// <exception cref="DatasetException">It cannot be read, or an array that is read is damaged.</exception>
    public static T Read<T>(string path, Func<NamedArrays, T> read)
    {
        try
        {
            if (IsOneArray(path))
                return read(OfFile(path));
            return Directory.Exists(path) ? read(OfFolder(path)) : InterchangeFile.Read(path, stream => OfArchive(path, stream, read));
        }
        catch (InterchangeException e)
        {
            throw new DatasetException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads an array.</summary>
    public DenseArray Read(string name) => _entries[name](true).Array!;

    /// <summary>Reads only type and shape of an array.</summary>
    public NpyHeader ReadHeader(string name) => _entries[name](false).Header!;

    /// <summary>Whether a path is that of one array by its name.</summary>
    public static bool IsOneArray(string path) =>
        path.EndsWith(NpzEntries.Extension, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);

    // A file of one array is that of examples.
    private static NamedArrays OfFile(string path)
    {
        var arrays = new NamedArrays(path);
        arrays._entries.Add("x", isWhole => ReadFile(path, "x", isWhole));
        return arrays;
    }

    private static NamedArrays OfFolder(string folder)
    {
        var arrays = new NamedArrays(folder);
        foreach (string path in Directory.GetFiles(folder, "*" + NpzEntries.Extension).Order(StringComparer.Ordinal))
        {
            string name = System.IO.Path.GetFileNameWithoutExtension(path);
            if (!name.StartsWith('.'))
                arrays._entries.Add(name, isWhole => ReadFile(path, name, isWhole));
        }

        return arrays;
    }

    private static T OfArchive<T>(string path, Stream stream, Func<NamedArrays, T> read) => NpzEntries.Read(stream, path, entries =>
    {
        var arrays = new NamedArrays(path);
        foreach (ZipArchiveEntry entry in entries)
        {
            string name = NpzEntries.NameOf(entry, path);
            if (!arrays._entries.TryAdd(name, isWhole => NpzEntries.Read(
                entry, path, stream.Length, content => ReadStream(content, name, isWhole), isWhole)))
            {
                throw new DatasetException(
                    $"'{path}' holds two arrays named {ForeignText.Quote(name)}; expected every name once. Save it again.");
            }
        }

        return read(arrays);
    });

    private static (NpyHeader? Header, DenseArray? Array) ReadFile(string path, string name, bool isWhole)
    {
        try
        {
            return InterchangeFile.Read(path, stream =>
            {
                (NpyHeader? Header, DenseArray? Array) read = ReadStream(stream, name, isWhole);
                return isWhole && stream.ReadByte() >= 0 ? throw new FormatException("values follow its end") : read;
            });
        }
        catch (FormatException e)
        {
            throw new DatasetException($"'{path}' cannot be used: {e.Message}. Save it again with numpy.save.", e);
        }
    }

    private static (NpyHeader? Header, DenseArray? Array) ReadStream(Stream stream, string name, bool isWhole) =>
        isWhole ? (null, NpyArray.Read(stream, name)) : (NpyHeader.Read(stream), null);
}
