using Lockstep.Shared.Streaming;

namespace Lockstep.Simulation.Tests.World;

/// <summary>
/// The bytes of one end of a virtual connection: what is written is cut into frames, and what is read is one frame at a time.
/// </summary>
internal sealed class VirtualBytes : Stream
{
    private readonly MemoryStream _written = new();
    private byte[] _frame = [];
    private int _read;

    /// <summary>Gets every whole frame that was written.</summary>
    public Action<byte[], FrameKind> OnFrame { get; set; } = (_, _) => { };

    /// <summary>This end is closed.</summary>
    public Action OnClosed { get; set; } = () => { };

    public bool IsClosed { get; private set; }

    /// <summary>After what has come, the end comes.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The end is no orderly one.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Bytes of the frame that are not read yet.</summary>
    public int Unread => _frame.Length - _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The next frame may be read.</summary>
    public void Begin(byte[] frame) => (_frame, _read) = (frame, 0);

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        int count = Math.Min(buffer.Length, Unread);
        if (count == 0 && buffer.Length > 0)
        {
            if (IsBroken)
                throw new IOException("Connection reset by peer");
            return HasEnded ? 0 : throw new InvalidOperationException("Whoever reads on would wait: no whole frame is there.");
        }

        _frame.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (IsBroken)
            throw new IOException("Broken pipe");
        _written.Write(buffer);
        if (_written.Length < FrameHeader.Size)
            return;
        FrameHeader header = FrameHeader.Read(_written.GetBuffer().AsSpan(0, FrameHeader.Size), "this side");
        int length = FrameHeader.Size + header.PayloadLength;
        if (_written.Length < length)
            return;
        if (_written.Length > length)
            throw new InvalidOperationException($"{_written.Length - length} bytes were written after a {header.Kind} frame.");
        byte[] frame = _written.ToArray();
        _written.SetLength(0);
        OnFrame(frame, header.Kind);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Every whole frame is on its way.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (IsClosed)
            return;
        IsClosed = true;
        OnClosed();
        base.Dispose(disposing);
    }
}
