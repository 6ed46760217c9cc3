using System.IO.Hashing;
using System.Text;
using System.Text.Unicode;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Frames of a <see cref="FrameHeader"/> and a payload over a byte stream, in both directions. One thread may send while another receives;
/// <see cref="Dispose()"/> from any thread ends both at once. Allocates nothing per frame. Tensors are sent as they lie in memory, so only
/// little-endian machines are supported.
/// </summary>
public partial class FrameStream : IDisposable
{
    /// <summary>Frames up to this size are sent in one write. Of longer frames, only this much is copied.</summary>
    private const int StagingBytes = 16 << 10;

    private readonly XxHash3 _sendHash = new();
    private readonly XxHash3 _receiveHash = new();
    private readonly byte[] _staging = GC.AllocateUninitializedArray<byte>(StagingBytes);
    private byte[] _skipped = [];
    private int _pendingPayload;
    private volatile bool _closed;
    private long _bytesSent;
    private long _bytesReceived;

    /// <summary>Takes ownership of a byte stream.</summary>
    /// <param name="stream">Read returns available bytes and blocks for the first; 0 is the end.</param>
    /// <param name="peer">Name or address of the other side, for errors.</param>
    /// <param name="isWithinMachine">Whether both ends are on this machine.</param>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public FrameStream(Stream stream, string peer, bool isWithinMachine)
    {
        ArgumentNullException.ThrowIfNull(stream);
        LittleEndianMachine.Require();
        Bytes = stream;
        Peer = peer;
        IsWithinMachine = isWithinMachine;
    }

    /// <summary>Address of the other side.</summary>
    public string Peer { get; }

    /// <summary>Whether both ends have addresses of this machine.</summary>
    public bool IsWithinMachine { get; }

    /// <summary>
    /// Limits on received payloads, <see cref="StreamLimits.Handshake"/> at first. The receiving thread changes them once the model is
    /// known.
    /// </summary>
    public StreamLimits Limits { get; set; } = StreamLimits.Handshake;

    /// <summary>Bytes sent so far, headers included.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Bytes received so far, headers included.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>The underlying stream. It may be replaced only between frames.</summary>
    private protected Stream Bytes { get; set; }

    /// <summary>Whether this side has ended the stream.</summary>
    private protected bool IsClosed => _closed;

    /// <summary>Whether a frame can be sent now without blocking, whatever the other side does.</summary>
    /// <param name="payload">Bytes of its payload.</param>
    public virtual bool CanSendAtOnce(int payload = 0) => true;

    /// <summary>Whether something has arrived, or the stream is over, so that receiving begins without waiting.</summary>
    public virtual bool CanReceiveAtOnce() => true;

    /// <summary>Sends one frame; returns when the system has accepted all of it. One sender at a time.</summary>
    /// <param name="header">The header; length and hash are filled in.</param>
    /// <param name="payload">The payload; not accessed afterwards.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Send(FrameHeader header, ReadOnlySpan<byte> payload) => SendSealed(Seal(header, payload), payload);

    /// <summary>Fills in length and hash of a header, for a frame that goes to several peers and is hashed only once.</summary>
    public FrameHeader Seal(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        header = header with { PayloadLength = payload.Length };
        BeginHash(header);
        _sendHash.Append(payload);
        return header with { Hash = _sendHash.GetCurrentHashAsUInt64() };
    }

    /// <summary>Sends a frame prepared by <see cref="Seal"/>.</summary>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void SendSealed(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        // The header is sent with the start of the payload: a separate segment would cost a system call and a packet.
        Span<byte> staging = _staging;
        header.Write(staging);
        int copied = Math.Min(payload.Length, StagingBytes - FrameHeader.Size);
        payload[..copied].CopyTo(staging[FrameHeader.Size..]);
        SendAll(staging[..(FrameHeader.Size + copied)]);
        SendAll(payload[copied..]);
    }

    /// <summary>
    /// Sends the last frame with the reason for ending the stream. Truncates reasons longer than <see cref="StreamLimits.ReasonBytes"/>.
    /// </summary>
    /// <param name="kind"><see cref="FrameKind.Bye"/> or <see cref="FrameKind.Refusal"/>.</param>
    /// <param name="run">The run.</param>
    /// <param name="term">The coordinator's term.</param>
    /// <param name="reason">Text for people.</param>
    /// <param name="byeReason">What becomes of the run; <see cref="FrameKind.Bye"/> only.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void SendLast(FrameKind kind, ulong run, int term, string reason, ByeReason byeReason = ByeReason.RunComplete)
    {
        Span<byte> utf8 = stackalloc byte[StreamLimits.ReasonBytes];
        Utf8.FromUtf16(reason, utf8, out _, out int length);
        Send(new FrameHeader { Kind = kind, Run = run, Term = term, Node = (uint)byeReason }, utf8[..length]);
    }

    /// <summary>Waits for the next frame and returns its header, checked against <see cref="Limits"/>. Receive its payload next.</summary>
    /// <exception cref="StreamException">The stream ended, or the frame is not acceptable.</exception>
    public FrameHeader ReceiveHeader()
    {
        if (_pendingPayload != 0)
            throw new InvalidOperationException(
                $"{_pendingPayload} bytes of the last frame's payload are not received yet; receive or skip them first.");
        Span<byte> bytes = stackalloc byte[FrameHeader.Size];
        ReceiveAll(bytes, hashed: false, atBoundary: true);
        FrameHeader header = FrameHeader.Read(bytes, Peer);
        int limit = Limits.Of(header.Kind);
        if (header.PayloadLength > limit)
            throw Fail(
                StreamError.TooLong, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; at most {limit:N0} are accepted.");
        _receiveHash.Reset();
        _receiveHash.Append(bytes[..FrameHeader.HashedSize]);
        _pendingPayload = header.PayloadLength;
        if (header.PayloadLength == 0)
            VerifyHash(header);
        return header;
    }

    /// <summary>Waits for the next frame other than <see cref="FrameKind.Ping"/>, which must be of the expected kind.</summary>
    /// <exception cref="StreamException">
    /// Another kind arrived, or the peer ended the stream, or (as <see cref="StreamError.Refused"/>) refused this side.
    /// </exception>
    public FrameHeader ReceiveHeader(FrameKind expected)
    {
        FrameHeader header;
        do
        {
            header = ReceiveHeader();
        }
        while (header.Kind == FrameKind.Ping);
        Expect(header, expected);
        return header;
    }

    /// <summary>Throws if <see cref="ReceiveHeader()"/> returned another kind of frame.</summary>
    /// <inheritdoc cref="ReceiveHeader(FrameKind)"/>
    internal void Expect(in FrameHeader header, FrameKind expected)
    {
        if (header.Kind == expected)
            return;
        if (header.Kind == FrameKind.Refusal)
            throw Fail(StreamError.Refused, ReceiveReason(header));
        if (header.Kind == FrameKind.Bye)
            throw Fail(StreamError.EndOfStream, ReceiveReason(header));
        throw Fail(StreamError.UnexpectedKind, $"got a {header.Kind} frame, expected {expected}.");
    }

    /// <summary>Receives a frame's payload into its destination and verifies the hash.</summary>
    /// <param name="header">The last header from <see cref="ReceiveHeader()"/>.</param>
    /// <param name="destination">As long as the payload. Its content is undefined after an exception.</param>
    /// <exception cref="StreamException">The stream ended, the payload has another length, or the hash does not match.</exception>
    public void ReceivePayload(in FrameHeader header, Span<byte> destination)
    {
        if (destination.Length != header.PayloadLength)
            throw Fail(
                StreamError.WrongLength,
                $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes, expected {destination.Length:N0}.");
        if (destination.IsEmpty)
            return;
        ReceiveAll(destination, hashed: true, atBoundary: false);
        EndPayload(header);
    }

    /// <summary>Receives and verifies a frame's payload without keeping it, such as a stale gradient.</summary>
    /// <exception cref="StreamException">The stream ended, or the hash does not match.</exception>
    public void SkipPayload(in FrameHeader header)
    {
        if (header.PayloadLength > 0)
            SkipRest(header, header.PayloadLength);
    }

    /// <summary>Receives a frame's payload as a reason for display: replaces control characters.</summary>
    public string ReceiveReason(in FrameHeader header)
    {
        byte[] payload = new byte[header.PayloadLength];
        ReceivePayload(header, payload);
        return ReasonOf(payload);
    }

    /// <summary>A received reason for display: replaces control characters.</summary>
    public static string ReasonOf(ReadOnlySpan<byte> utf8)
    {
        string reason = Encoding.UTF8.GetString(utf8);
        return reason.Length == 0 ? "the peer gave no reason" : string.Concat(reason.Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>
    /// Ends the stream in both directions. Blocked calls of other threads fail at once with <see cref="StreamError.Closed"/>.
    /// </summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the stream in both directions.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        MarkClosed();
        Bytes.Dispose();
    }

    /// <summary>Later failures are reported as <see cref="StreamError.Closed"/>.</summary>
    private protected void MarkClosed() => _closed = true;

    /// <summary>Translates an exception of the underlying stream; null for an unrelated one, which is rethrown.</summary>
    private protected virtual StreamException? Translate(Exception exception) => exception switch
    {
        StreamException => null,
        ObjectDisposedException => ClosedHere(),
        IOException => _closed ? ClosedHere() : Broke(exception, exception),
        _ => null,
    };

    private protected StreamException ClosedHere() => Fail(StreamError.Closed, "closed by this side.");

    private protected StreamException Broke(Exception cause, Exception inner) =>
        Fail(StreamError.Broken, $"the connection broke: {cause.Message.TrimEnd('.')}.", inner);

    private protected StreamException Fail(StreamError error, string problem, Exception? inner = null) => new(error, Peer, problem, inner);

    private void SkipRest(in FrameHeader header, int left)
    {
        if (_skipped.Length == 0)
            _skipped = GC.AllocateUninitializedArray<byte>(64 << 10);
        while (left > 0)
        {
            int count = Math.Min(left, _skipped.Length);
            ReceiveAll(_skipped.AsSpan(0, count), hashed: true, atBoundary: false);
            left -= count;
        }

        EndPayload(header);
    }

    private void EndPayload(in FrameHeader header)
    {
        _pendingPayload = 0;
        VerifyHash(header);
    }

    private void BeginHash(in FrameHeader header)
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.Size];
        header.Write(bytes);
        _sendHash.Reset();
        _sendHash.Append(bytes[..FrameHeader.HashedSize]);
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        try
        {
            Bytes.Write(bytes);
        }
        catch (Exception e) when (Translate(e) is { } translated)
        {
            throw translated;
        }

        Interlocked.Add(ref _bytesSent, bytes.Length);
        StreamMeter.Sent.Add(bytes.Length);
    }

    /// <summary>Fills the span. Hashes a payload piece by piece as it arrives.</summary>
    private void ReceiveAll(Span<byte> bytes, bool hashed, bool atBoundary)
    {
        int total = bytes.Length;
        try
        {
            while (!bytes.IsEmpty)
            {
                int received = Bytes.Read(bytes);
                if (received == 0)
                    throw Ended(atBoundary && bytes.Length == total);
                Interlocked.Add(ref _bytesReceived, received);
                StreamMeter.Received.Add(received);
                if (hashed)
                    _receiveHash.Append(bytes[..received]);
                bytes = bytes[received..];
            }
        }
        catch (Exception e) when (Translate(e) is { } translated)
        {
            throw translated;
        }
    }

    private void VerifyHash(in FrameHeader header)
    {
        if (_receiveHash.GetCurrentHashAsUInt64() != header.Hash)
            throw Fail(
                StreamError.BadHash,
                $"a {header.Kind} frame of {header.PayloadLength:N0} bytes was corrupted on the way: its hash does not match.");
    }

    private protected StreamException Ended(bool betweenFrames)
    {
        if (_closed)
            return ClosedHere();
        return Fail(StreamError.EndOfStream, $"it closed the connection{(betweenFrames ? "" : " in the middle of a frame")}.");
    }
}
