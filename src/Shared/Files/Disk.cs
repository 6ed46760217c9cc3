using System.Security.Cryptography;

namespace Lockstep.Shared.Files;

/// <summary>
/// What is asked of a disk, call by call: <see cref="OfThisMachine"/> is the real one; tests and simulations put others in its place.
/// Every method may throw <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.
/// </summary>
public abstract class Disk
{
    /// <summary>End of the names of files that are not whole yet.</summary>
    internal const string TemporaryExtension = ".tmp";

    private const int BufferBytes = 1 << 16;

    /// <summary>The file system of this machine.</summary>
    public static Disk OfThisMachine { get; } = new MachineDisk();

    /// <summary>Creates a file that must not exist.</summary>
    public abstract Stream Create(string path);

    /// <summary>
    /// Opens a file to write anywhere in it, and creates it if it is not there. It can be cut with <see cref="Stream.SetLength"/>. Others may read, rename and
    /// remove it meanwhile.
    /// </summary>
    public abstract Stream OpenToWrite(string path);

    /// <summary>Opens a file to read it. Others may write to it meanwhile.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public abstract Stream OpenToRead(string path);

    /// <summary>Brings a file's content to the disk.</summary>
    /// <param name="file">What <see cref="Create"/> or <see cref="OpenToWrite"/> returned.</param>
    public abstract void Flush(Stream file);

    /// <summary>Renames a file within its folder.</summary>
    public abstract void Rename(string from, string to, bool overwrite);

    /// <summary>Brings a folder's entries to the disk.</summary>
    public abstract void FlushFolder(string folder);

    /// <summary>Whether there is such a file.</summary>
    public abstract bool Exists(string path);

    /// <summary>Paths of the files whose names match.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public abstract IEnumerable<string> List(string folder, string pattern);

    /// <summary>Removes a file, if it is there.</summary>
    public abstract void Delete(string path);

    /// <summary>When a file was last written to.</summary>
    public abstract DateTime LastWriteUtc(string path);

    /// <summary>
    /// Writes a file that appears whole or not at all, whenever the machine stops: under a temporary name beside it, flushed, renamed, the folder flushed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content; small pieces are put together.</param>
    /// <param name="overwrite">Whether a file that is there already is replaced.</param>
    /// <exception cref="IOException">It cannot be written, or is there already. Nothing is left of it.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void WriteWhole(string path, Action<Stream> write, bool overwrite = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = $"{path}.{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}{TemporaryExtension}";
        try
        {
            using (Stream file = Create(temporary))
            {
                // Not disposed: after a failure it would try to write what is left.
                var buffered = new BufferedStream(file, BufferBytes);
                write(buffered);
                buffered.Flush();
                Flush(file);
            }

            PutInPlace(temporary, path, overwrite);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Gives a file that is written and flushed its name, for good.</summary>
    public void PutInPlace(string temporary, string path, bool overwrite = true)
    {
        Rename(temporary, path, overwrite);
        FlushFolderOf(path);
    }

    /// <summary>Brings the name of a file to the disk.</summary>
    public void FlushFolderOf(string path) => FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);

    private void TryDelete(string path)
    {
        try
        {
            Delete(path);
        }
        catch (Exception)
        {
            // What failed first is what the caller has to know.
        }
    }
}
