using Lockstep.Shared.Files;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>Reads a file of lines while this process appends to it. Ignores a last line without its line feed.</summary>
internal sealed class GrowingFile(ReplicaFile kind, string? path, Disk disk) : IDisposable
{
    private Stream? _file;

    public ReplicaFile Kind => kind;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Whether the file has been opened.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Reads whole lines; returns 0 if there are none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public int ReadLines(Span<byte> destination)
    {
        IsOpen = true;
        if (_file is null)
        {
            if (path is null || !disk.Exists(path))
                return 0;
            _file = disk.OpenToRead(path);
        }

        _file.Position = Position;
        int read = _file.Read(destination);
        int length = destination[..read].LastIndexOf((byte)'\n') + 1;
        Position += length;
        return length;
    }

    public void Dispose() => _file?.Dispose();
}
