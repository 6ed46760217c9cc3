using System.Threading.Channels;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace Lockstep.Shared.Cluster;

/// <summary>The messages of an Akka connection as a byte stream, for TLS. One reader, one writer.</summary>
internal sealed class MessageStream(AssociationHandle connection) : Stream
{
    private readonly Channel<ByteString> _received = Channel.CreateUnbounded<ByteString>(
        new UnboundedChannelOptions { SingleReader = true });
    private ReadOnlyMemory<byte> _left;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Appends a received message.</summary>
    public void Add(ByteString message) => _received.Writer.TryWrite(message);

    /// <summary>Marks the end of the received messages.</summary>
    public void End() => _received.Writer.TryComplete();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left.IsEmpty)
        {
            if (!await _received.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return 0;
            _left = _received.Reader.TryRead(out ByteString? message) ? message.Memory : default;
        }

        int count = Math.Min(buffer.Length, _left.Length);
        _left.Span[..count].CopyTo(buffer.Span);
        _left = _left[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <exception cref="IOException">The connection is closed.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!connection.Write(ByteString.CopyFrom(buffer)))
            throw new IOException("The connection is closed.");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
