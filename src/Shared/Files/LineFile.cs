namespace Lockstep.Shared.Files;

/// <summary>
/// A file that grows by whole lines. Lines that cannot be written, for example because the disk is full, wait for the next call, and no
/// partial line remains. Closing the file tries a last time.
/// </summary>
public sealed class LineFile : IDisposable
{
    /// <summary>Maximum bytes that wait for an unwritable disk; further lines are lost.</summary>
    internal const int MaxWaitingBytes = 1 << 20;

    private readonly Stream _file;
    private readonly MemoryStream _waiting = new();
    private long _end;

    /// <summary>Opens the file to append to it.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="disk">The disk; null for this machine's.</param>
    /// <exception cref="IOException">It cannot be opened for writing.</exception>
    public LineFile(string path, Disk? disk = null)
    {
        _file = (disk ?? Disk.OfThisMachine).OpenToWrite(path);
        _end = _file.Length;
    }

    /// <summary>Appends a line, given without its line feed.</summary>
    /// <exception cref="IOException">It cannot be written yet.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        if (_waiting.Length + line.Length < MaxWaitingBytes)
        {
            _waiting.Write(line);
            _waiting.WriteByte((byte)'\n');
        }

        try
        {
            WriteWaiting();
        }
        catch (IOException)
        {
            DropHalfLine();
            throw;
        }

        _end = _file.Position;
        _waiting.SetLength(0);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        try
        {
            if (_waiting.Length > 0)
                WriteWaiting();
        }
        catch (IOException)
        {
            // Reported when it first failed.
            DropHalfLine();
        }

        _file.Dispose();
    }

    private void WriteWaiting()
    {
        _file.Position = _end;
        _file.Write(_waiting.GetBuffer().AsSpan(0, (int)_waiting.Length));
    }

    private void DropHalfLine()
    {
        try
        {
            _file.SetLength(_end);
        }
        catch (IOException)
        {
            // The next line overwrites it.
        }
    }
}
