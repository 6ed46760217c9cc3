namespace Lockstep.Shared.Checkpoints;

/// <summary>
/// What a <see cref="CheckpointStore"/> asks of the disk, call by call. This is the real one; tests put failing and simulated disks in its place.
/// Every method may throw <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal class CheckpointDisk
{
    /// <summary>The file system of this machine.</summary>
    public static CheckpointDisk OfThisMachine { get; } = new();

    /// <summary>Creates a file that must not exist.</summary>
    public virtual Stream Create(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

    /// <summary>Brings a file's content to the disk.</summary>
    /// <param name="file">What <see cref="Create"/> returned.</param>
    public virtual void Flush(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    /// <summary>Renames a file within its folder.</summary>
    public virtual void Rename(string from, string to, bool overwrite) => File.Move(from, to, overwrite);

    /// <summary>Brings a folder's entries to the disk.</summary>
    public virtual void FlushFolder(string folder) => DirectorySync.Flush(folder);

    /// <summary>Paths of the files whose names match.</summary>
    public virtual IEnumerable<string> List(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern);

    /// <summary>Opens a file to read it.</summary>
    public virtual Stream Open(string path) => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    /// <summary>Removes a file, if it is there.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>When a file was last written to.</summary>
    public virtual DateTime LastWriteUtc(string path) => File.GetLastWriteTimeUtc(path);
}
