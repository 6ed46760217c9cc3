using System.Diagnostics;
using System.Net.Sockets;

namespace Lockstep.Shared.Streaming;

/// <summary>The bytes of a connected socket, by blocking calls, with a receive deadline. Does not own the socket.</summary>
internal sealed class SocketStream(Socket socket) : Stream
{
    private long _deadline;
    private int _idleMilliseconds;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Sets the deadline by which everything received must have arrived, however slowly; null removes it.</summary>
    public void SetDeadline(TimeSpan? timeout)
    {
        _deadline = timeout is { } time ? Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency) : 0;
        if (_deadline == 0)
            socket.ReceiveTimeout = _idleMilliseconds;
    }

    /// <summary>Sets the maximum wait of each receive, from the next one on; null waits for ever.</summary>
    public void SetIdleTimeout(TimeSpan? timeout)
    {
        _idleMilliseconds = timeout is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, int.MaxValue) : 0;
        if (_deadline == 0)
            socket.ReceiveTimeout = _idleMilliseconds;
    }

    /// <summary>Waits for the next byte without consuming it; null at the end.</summary>
    /// <exception cref="SocketException">The connection broke, or the deadline passed.</exception>
    public byte? Peek()
    {
        Span<byte> next = stackalloc byte[1];
        HeedDeadline();
        return socket.Receive(next, SocketFlags.Peek) == 0 ? null : next[0];
    }

    /// <exception cref="SocketException">The connection broke, or the deadline passed.</exception>
    public override int Read(Span<byte> buffer)
    {
        HeedDeadline();
        return socket.Receive(buffer, SocketFlags.None);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="SocketException">The connection broke.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
            buffer = buffer[socket.Send(buffer, SocketFlags.None)..];
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void HeedDeadline()
    {
        if (_deadline == 0)
            return;
        double left = Math.Ceiling((_deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency);
        if (left < 1)
            throw new SocketException((int)SocketError.TimedOut);
        socket.ReceiveTimeout = (int)Math.Min(left, _idleMilliseconds == 0 ? int.MaxValue : _idleMilliseconds);
    }
}
