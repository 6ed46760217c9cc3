namespace Lockstep.Shared.Files;

/// <summary>
/// A file that grows by whole lines. What cannot be written, as on a full disk, waits for the next line, and leaves no half of a line
/// behind; closing the file is the last try.
/// </summary>
public sealed class LineFile : IDisposable
{
    /// <summary>Bytes that wait for a disk that cannot be written to; lines beyond that are lost.</summary>
    internal const int MaxWaitingBytes = 1 << 20;

    private readonly Stream _file;
    private readonly MemoryStream _waiting = new();
    private long _end;

    /// <summary>Opens the file to append to it.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="disk">Where; null is this machine's disk.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public LineFile(string path, Disk? disk = null)
    {
        _file = (disk ?? Disk.OfThisMachine).OpenToWrite(path);
        _end = _file.Length;
    }

    /// <summary>Appends a line, without its end.</summary>
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
            // Said when it first failed.
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
            // The next line is written over it.
        }
    }
}
