using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Files;

namespace Lockstep.Data.Raw;

/// <summary>
/// Opens the files of a data set, with errors that a user can act on.
/// </summary>
internal static class DataFile
{
    private const int MostNeighbours = 1000, DefaultBuffer = 4096;

    /// <summary>Opens a file to read, while others may write it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, such as <c>a file with rows</c>.</param>
    /// <param name="bufferBytes">Bytes that are read at once; 0 for what is asked.</param>
    /// <exception cref="DatasetException">It is empty, is no regular file, or cannot be opened.</exception>
    public static FileStream Open(string path, string expected, int bufferBytes = DefaultBuffer)
    {
        string name = ForeignText.Printable(path);
        if (Directory.Exists(path))
            throw new DatasetException($"{name} is a folder; expected {expected}.");
        try
        {
            FileStream file = RegularFile.OpenToRead(path, bufferBytes);
            if (file.Length > 0)
                return file;
            file.Dispose();
            throw new DatasetException($"{name} is empty; expected {expected}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException($"{name} does not exist{NearTo(path)} Give {expected}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DatasetException($"{name} cannot be read: {BoundedFile.ReasonOf(path, e)}. Give {expected} that you may read.", e);
        }
    }

    private static string NearTo(string path)
    {
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            IEnumerable<string> names =
                Directory.EnumerateFileSystemEntries(folder).Take(MostNeighbours).Select(entry => Path.GetFileName(entry));
            if (Spelling.Nearest(Path.GetFileName(path), [.. names]) is { } near)
                return $"; did you mean {ForeignText.Quote(Path.Combine(Path.GetDirectoryName(path)!, near))}?";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // There is nothing to suggest.
        }

        return ".";
    }
}
