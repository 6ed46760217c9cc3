using System.Security.Cryptography;

namespace Lockstep.Shared.Files;

/// <summary>
/// The operations that Lockstep needs of a disk. <see cref="OfThisMachine"/> is the real one; tests and simulations substitute others.
/// Every method may throw <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.
/// </summary>
public abstract class Disk
{
    /// <summary>Extension of files that are not complete yet.</summary>
    internal const string TemporaryExtension = ".tmp";

    private const int BufferBytes = 1 << 16;

    /// <summary>The file system of this machine.</summary>
    public static Disk OfThisMachine { get; } = new MachineDisk();

    /// <summary>Creates a file that must not exist.</summary>
    public abstract Stream Create(string path);

    /// <summary>
    /// Opens or creates a file for writing at any position. It can be truncated with <see cref="Stream.SetLength"/>. Others may read,
    /// rename and delete it meanwhile.
    /// </summary>
    public abstract Stream OpenToWrite(string path);

    /// <summary>Opens a file for reading. Others may write to it meanwhile.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    public abstract Stream OpenToRead(string path);

    /// <summary>Flushes a file's content to the disk.</summary>
    /// <param name="file">A stream from <see cref="Create"/> or <see cref="OpenToWrite"/>.</param>
    public abstract void Flush(Stream file);

    /// <summary>Renames a file within its folder.</summary>
    public abstract void Rename(string from, string to, bool overwrite);

    /// <summary>Flushes a folder's entries to the disk.</summary>
    public abstract void FlushFolder(string folder);

    /// <summary>Whether the file exists.</summary>
    public abstract bool Exists(string path);

    /// <summary>Paths of the files whose names match.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public abstract IEnumerable<string> List(string folder, string pattern);

    /// <summary>Deletes a file if it exists.</summary>
    public abstract void Delete(string path);

    /// <summary>When a file was last written to.</summary>
    public abstract DateTime LastWriteUtc(string path);

    /// <summary>
    /// Writes a file that appears whole or not at all, even after a power loss: writes a temporary file beside it, flushes it, renames it,
    /// and flushes the folder.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content; small writes are buffered.</param>
    /// <param name="overwrite">Whether to replace an existing file.</param>
    /// <exception cref="IOException">It cannot be written, or exists. Nothing of it remains.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written. Nothing of it remains.</exception>
    public void WriteWhole(string path, Action<Stream> write, bool overwrite = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string writer = $"{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        string temporary = $"{path}.{writer}{TemporaryExtension}";
        try
        {
            using (Stream file = Create(temporary))
            {
                // Not disposed, because after a failure that would try to write the rest.
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

    /// <summary>Renames a written and flushed file to its final name, and flushes the folder.</summary>
    public void PutInPlace(string temporary, string path, bool overwrite = true)
    {
        Rename(temporary, path, overwrite);
        FlushFolderOf(path);
    }

    /// <summary>Flushes the folder of a file.</summary>
    public void FlushFolderOf(string path) => FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);

    private void TryDelete(string path)
    {
        try
        {
            Delete(path);
        }
        catch (Exception)
        {
            // The caller needs the first failure.
        }
    }
}
