using Lockstep.Shared.Files;

namespace Lockstep.Shared.Tests.Files;

/// <summary>This machine's disk, and a list of what was asked of it.</summary>
internal sealed class DelegatingDisk : Disk
{
    /// <summary>The calls that change something, each with the names of files and folders.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What creating a file does.</summary>
    public Func<string, Stream> Creates { get; init; } = OfThisMachine.Create;

    /// <summary>What opening a file for writing does.</summary>
    public Func<string, Stream> Opens { get; init; } = OfThisMachine.OpenToWrite;

    public override Stream Create(string path)
    {
        Calls.Add($"create {NameOf(path)}");
        return Creates(path);
    }

    public override Stream OpenToWrite(string path)
    {
        Calls.Add($"open {NameOf(path)}");
        return Opens(path);
    }

    public override Stream OpenToRead(string path) => OfThisMachine.OpenToRead(path);

    public override void Flush(Stream file)
    {
        Calls.Add($"flush {NameOf(((FileStream)file).Name)} at {file.Length}");
        OfThisMachine.Flush(file);
    }

    public override void Rename(string from, string to, bool overwrite)
    {
        Calls.Add($"rename {NameOf(from)} to {NameOf(to)}");
        OfThisMachine.Rename(from, to, overwrite);
    }

    public override void FlushFolder(string folder)
    {
        Calls.Add($"flush folder {folder}");
        OfThisMachine.FlushFolder(folder);
    }

    public override bool Exists(string path) => OfThisMachine.Exists(path);

    public override IEnumerable<string> List(string folder, string pattern) => OfThisMachine.List(folder, pattern);

    public override void Delete(string path)
    {
        Calls.Add($"delete {NameOf(path)}");
        OfThisMachine.Delete(path);
    }

    public override DateTime LastWriteUtc(string path) => OfThisMachine.LastWriteUtc(path);

    /// <summary>The name; of a temporary file, what it is one of.</summary>
    private static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        int machine = name.IndexOf($".{Environment.MachineName}-", StringComparison.Ordinal);
        return machine < 0 ? name : name[..machine] + "~";
    }
}
