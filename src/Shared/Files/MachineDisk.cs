namespace Lockstep.Shared.Files;

/// <summary>
/// The file system of this machine. Its streams are unbuffered: a buffered stream whose write failed would fail again when it is closed.
/// </summary>
internal sealed class MachineDisk : Disk
{
    public override Stream Create(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

    public override Stream OpenToWrite(string path) => RegularFile.OpenToWrite(path);

    public override Stream OpenToRead(string path) => RegularFile.OpenToRead(path, bufferBytes: 0);

    public override void Flush(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    public override void Rename(string from, string to, bool overwrite) => File.Move(from, to, overwrite);

    public override void FlushFolder(string folder) => DirectorySync.Flush(folder);

    public override bool Exists(string path) => File.Exists(path);

    public override IEnumerable<string> List(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern);

    public override void Delete(string path) => File.Delete(path);

    public override DateTime LastWriteUtc(string path) => File.GetLastWriteTimeUtc(path);
}
