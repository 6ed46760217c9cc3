using System.Diagnostics;
using System.IO.Hashing;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Unicode;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// One tensor stream: frames of a <see cref="FrameHeader"/> and a payload over a TCP connection, both ways, in TLS where the cluster has it.
/// One thread may send while another receives; <see cref="Dispose"/> from any thread ends both at once.
/// Nothing is allocated per frame. Tensors are sent as they lie in memory, hence little-endian machines only.
/// </summary>
public sealed class TensorConnection : IDisposable
{
    /// <summary>A frame up to this size leaves in one system call; of a longer one, only this much is copied.</summary>
    private const int StagingBytes = 16 << 10;

    /// <summary>What a connection of TLS begins with: a record of its handshake.</summary>
    private const byte TlsHandshake = 22;

    private readonly Socket _socket;
    private readonly SocketStream _bare;
    private readonly XxHash3 _sendHash = new();
    private readonly XxHash3 _receiveHash = new();
    private readonly byte[] _staging = GC.AllocateUninitializedArray<byte>(StagingBytes);
    private byte[] _skipped = [];
    private Stream _stream;
    private int _pendingPayload;
    private volatile bool _closed;
    private long _bytesSent;
    private long _bytesReceived;

    /// <summary>Takes over a connected socket. It must never have been used asynchronously: that would make its blocking calls slow.</summary>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public TensorConnection(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        LittleEndianMachine.Require();
        _socket = socket;
        _socket.NoDelay = true;
        _stream = _bare = new SocketStream(socket);
        Peer = _socket.RemoteEndPoint?.ToString() ?? "an unknown address";
        IsWithinMachine = _socket.RemoteEndPoint is IPEndPoint { Address: var remote } && _socket.LocalEndPoint is IPEndPoint { Address: var local }
            && (IPAddress.IsLoopback(remote) || remote.Equals(local));
    }

    /// <summary>Address of the other side.</summary>
    public string Peer { get; }

    /// <summary>Whether both ends have addresses of this machine.</summary>
    public bool IsWithinMachine { get; }

    /// <summary>Whether a frame of a few bytes could be sent now without waiting for the peer to read.</summary>
    public bool CanSendAtOnce()
    {
        try
        {
            return _socket.Poll(0, SelectMode.SelectWrite);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Bounds on what is received, <see cref="StreamLimits.Handshake"/> at first. The receiving thread sets it when the model is known.</summary>
    public StreamLimits Limits { get; set; } = StreamLimits.Handshake;

    /// <summary>Bytes sent so far, headers included.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Bytes received so far, headers included.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Worker side: connects to the coordinator and presents the token.</summary>
    /// <param name="host">Name or address of the coordinator.</param>
    /// <param name="port">Port of its tensor stream.</param>
    /// <param name="run">The run to join.</param>
    /// <param name="token">The token that the coordinator issued to this worker.</param>
    /// <param name="worker">This worker's id, as the coordinator knows it.</param>
    /// <param name="timeout">How long to try, over all addresses of the host.</param>
    /// <returns>A connection whose next frame is the run spec, or the reason why not.</returns>
    /// <param name="secret">What both sides prove to each other first; null for nothing.</param>
    /// <param name="tls">What this worker shows to the coordinator, before anything else; null for no TLS.</param>
    /// <param name="coordinator">Name or address that the coordinator's certificate must be for; null is <paramref name="host"/>.</param>
    /// <exception cref="StreamException">
    /// The coordinator was not reached in time, or it and this worker do not know the same secret, or do not trust each other's certificates.
    /// </exception>
    public static TensorConnection Connect(
        string host, int port, ulong run, ReadOnlySpan<byte> token, string worker, TimeSpan timeout, ClusterSecret? secret = null,
        ClusterTls? tls = null, string? coordinator = null)
    {
        byte[] hello = Hello.Encode(token, worker);
        var connection = new TensorConnection(Dial(host, port, timeout));
        try
        {
            connection.SetReceiveDeadline(timeout);
            if (tls is not null && connection.Encrypt(tls, isServer: false, coordinator ?? host) is { } untrusted)
            {
                connection.SendLast(FrameKind.Refusal, run, 0, untrusted);
                throw new StreamException(StreamError.Unproven, connection.Peer, $"{untrusted}.");
            }

            if (secret is null)
                connection.Send(new FrameHeader { Kind = FrameKind.Hello, Run = run }, hello);
            else
                StreamProof.Begin(connection, secret, run, hello);
            connection.SetReceiveDeadline(null);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the peer's first byte: whether it begins with TLS.</summary>
    /// <exception cref="StreamException">The stream ended, or the deadline passed.</exception>
    internal bool PeerBeginsWithTls()
    {
        try
        {
            return (_bare.Peek() ?? throw Ended(betweenFrames: true)) == TlsHandshake;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Translate(e);
        }
    }

    /// <summary>Everything goes through TLS from now on; before the first frame.</summary>
    /// <param name="tls">What this side shows, and whom it believes.</param>
    /// <param name="isServer">Whether this side was connected to.</param>
    /// <param name="peerName">Name that the peer's certificate must be for; null for any.</param>
    /// <returns>What is wrong with the peer's certificate, without a full stop; null for nothing. Whatever it is, the peer can be told.</returns>
    /// <exception cref="StreamException">The peer does not speak TLS, or not 1.3, or the stream ended.</exception>
    internal string? Encrypt(ClusterTls tls, bool isServer, string? peerName = null)
    {
        var encrypted = new SslStream(_bare, leaveInnerStreamOpen: true);
        _stream = encrypted;
        try
        {
            if (isServer)
                encrypted.AuthenticateAsServer(tls.ServerOptions);
            else
                encrypted.AuthenticateAsClient(tls.ClientOptions);
        }
        catch (AuthenticationException e)
        {
            throw Fail(StreamError.Unproven, $"TLS 1.3 failed: {(e.InnerException ?? e).Message.TrimEnd('.')}. Start both sides with --tls-dir, or both without.", e);
        }
        catch (Exception e) when (IsOfStream(e))
        {
            throw Translate(e);
        }

        return tls.Check(encrypted.RemoteCertificate, isServer: !isServer, peerName);
    }

    /// <summary>Sends one frame; returns when the system has taken all of it. One sender at a time.</summary>
    /// <param name="header">The header; length and hash are set here.</param>
    /// <param name="payload">The payload, not touched afterwards.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Send(FrameHeader header, ReadOnlySpan<byte> payload) => SendSealed(Seal(header, payload), payload);

    /// <summary>The header with length and hash set: for a frame that goes to several peers and need be hashed only once.</summary>
    public FrameHeader Seal(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        header = header with { PayloadLength = payload.Length };
        BeginHash(header);
        _sendHash.Append(payload);
        return header with { Hash = _sendHash.GetCurrentHashAsUInt64() };
    }

    /// <summary>Sends a frame that <see cref="Seal"/> has made ready.</summary>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void SendSealed(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        // The header travels with the start of the payload: a segment of its own would cost a system call and a packet.
        Span<byte> staging = _staging;
        header.Write(staging);
        int copied = Math.Min(payload.Length, StagingBytes - FrameHeader.Size);
        payload[..copied].CopyTo(staging[FrameHeader.Size..]);
        SendAll(staging[..(FrameHeader.Size + copied)]);
        SendAll(payload[copied..]);
    }

    /// <summary>Sends the runs of a gradient that are not zero, straight from where they lie; see <see cref="TensorRuns"/>.</summary>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Send(FrameHeader header, ReadOnlySpan<float> gradient, TensorRuns runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ReadOnlySpan<byte> table = runs.Find(gradient, IsWithinMachine);
        header = header with { PayloadLength = runs.PayloadLength };
        BeginHash(header);
        _sendHash.Append(table);
        foreach ((int first, int count) in runs.Runs)
            _sendHash.Append(MemoryMarshal.AsBytes(gradient.Slice(first, count)));
        header = header with { Hash = _sendHash.GetCurrentHashAsUInt64() };

        SendSealed(header, table);
        foreach ((int first, int count) in runs.Runs)
            SendAll(MemoryMarshal.AsBytes(gradient.Slice(first, count)));
    }

    /// <summary>Sends the last frame: why this side ends the stream. Longer reasons than <see cref="StreamLimits.ReasonBytes"/> are cut.</summary>
    /// <param name="kind"><see cref="FrameKind.Bye"/> or <see cref="FrameKind.Refusal"/>.</param>
    /// <param name="run">The run.</param>
    /// <param name="term">Incarnation of the coordinator.</param>
    /// <param name="reason">Text for people.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void SendLast(FrameKind kind, ulong run, int term, string reason)
    {
        Span<byte> utf8 = stackalloc byte[StreamLimits.ReasonBytes];
        Utf8.FromUtf16(reason, utf8, out _, out int length);
        Send(new FrameHeader { Kind = kind, Run = run, Term = term }, utf8[..length]);
    }

    /// <summary>Waits for the next frame and returns its header, checked against <see cref="Limits"/>. Its payload comes next.</summary>
    /// <exception cref="StreamException">The stream ended, or what came is not an acceptable frame.</exception>
    public FrameHeader ReceiveHeader()
    {
        if (_pendingPayload != 0)
            throw new InvalidOperationException($"{_pendingPayload} bytes of the last frame's payload are not received yet; receive or skip them first.");
        Span<byte> bytes = stackalloc byte[FrameHeader.Size];
        ReceiveAll(bytes, hashed: false, atBoundary: true);
        FrameHeader header = FrameHeader.Read(bytes, Peer);
        int limit = Limits.Of(header.Kind);
        if (header.PayloadLength > limit)
            throw Fail(StreamError.TooLong, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; at most {limit:N0} are accepted.");
        _receiveHash.Reset();
        _receiveHash.Append(bytes[..FrameHeader.HashedSize]);
        _pendingPayload = header.PayloadLength;
        if (header.PayloadLength == 0)
            VerifyHash(header);
        return header;
    }

    /// <summary>Waits for the next frame, which must be of one kind.</summary>
    /// <exception cref="StreamException">Another kind came, or the peer took its leave, or (<see cref="StreamError.Refused"/>) refused this side.</exception>
    public FrameHeader ReceiveHeader(FrameKind expected)
    {
        FrameHeader header = ReceiveHeader();
        Expect(header, expected);
        return header;
    }

    /// <summary>Throws where <see cref="ReceiveHeader()"/> returned another kind of frame.</summary>
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

    /// <summary>Receives a frame's payload straight into its place and verifies the hash.</summary>
    /// <param name="header">What <see cref="ReceiveHeader()"/> returned last.</param>
    /// <param name="destination">Exactly as long as the payload. Its content is undefined after an exception.</param>
    /// <exception cref="StreamException">The stream ended, the payload has another length, or the hash does not match.</exception>
    public void ReceivePayload(in FrameHeader header, Span<byte> destination)
    {
        if (destination.Length != header.PayloadLength)
            throw Fail(StreamError.WrongLength, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes, expected {destination.Length:N0}.");
        if (destination.IsEmpty)
            return;
        ReceiveAll(destination, hashed: true, atBoundary: false);
        _pendingPayload = 0;
        VerifyHash(header);
    }

    /// <summary>Receives a gradient: its runs straight into their places, zeros between them.</summary>
    /// <param name="header">What <see cref="ReceiveHeader()"/> returned last.</param>
    /// <param name="gradient">Where it goes. Its content is undefined after an exception.</param>
    /// <param name="runs">Has the gradient's runs afterwards.</param>
    /// <exception cref="StreamException">The stream ended, the payload is not that of a gradient, or the hash does not match.</exception>
    public void ReceivePayload(in FrameHeader header, Span<float> gradient, TensorRuns runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Span<byte> count = stackalloc byte[sizeof(uint)];
        if (header.PayloadLength < count.Length)
            throw Fail(StreamError.WrongLength, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; expected at least {count.Length}.");
        ReceiveAll(count, hashed: true, atBoundary: false);
        Span<byte> table = runs.ReserveTable(count, Peer);
        if (header.PayloadLength < table.Length)
            throw Fail(StreamError.WrongLength, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; its table of runs alone takes {table.Length:N0}.");
        ReceiveAll(table[count.Length..], hashed: true, atBoundary: false);
        runs.Decode(Peer);
        if (header.PayloadLength != runs.PayloadLength)
            throw Fail(StreamError.WrongLength, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes, expected {runs.PayloadLength:N0} for its runs.");
        runs.ClearGaps(gradient);
        foreach ((int first, int floats) in runs.Runs)
            ReceiveAll(MemoryMarshal.AsBytes(gradient.Slice(first, floats)), hashed: true, atBoundary: false);
        _pendingPayload = 0;
        VerifyHash(header);
    }

    /// <summary>Receives and verifies a frame's payload without keeping it, for example of a stale gradient.</summary>
    /// <exception cref="StreamException">The stream ended, or the hash does not match.</exception>
    public void SkipPayload(in FrameHeader header)
    {
        if (header.PayloadLength == 0)
            return;
        if (_skipped.Length == 0)
            _skipped = GC.AllocateUninitializedArray<byte>(64 << 10);
        for (int left = header.PayloadLength; left > 0;)
        {
            int count = Math.Min(left, _skipped.Length);
            ReceiveAll(_skipped.AsSpan(0, count), hashed: true, atBoundary: false);
            left -= count;
        }

        _pendingPayload = 0;
        VerifyHash(header);
    }

    /// <summary>Receives a frame's payload as a reason, fit to be shown: control characters are replaced.</summary>
    public string ReceiveReason(in FrameHeader header)
    {
        byte[] payload = new byte[header.PayloadLength];
        ReceivePayload(header, payload);
        string reason = Encoding.UTF8.GetString(payload);
        return reason.Length == 0 ? "the peer gave no reason" : string.Concat(reason.Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>From now on, all that is received must arrive within this time, however it trickles in; null lifts the deadline.</summary>
    public void SetReceiveDeadline(TimeSpan? timeout)
    {
        try
        {
            _bare.SetDeadline(timeout);
        }
        catch (ObjectDisposedException)
        {
            // Whoever receives next is told.
        }
    }

    /// <summary>Ends the stream both ways. Calls of other threads that wait in it fail at once with <see cref="StreamError.Closed"/>.</summary>
    public void Dispose()
    {
        _closed = true;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone.
        }

        _socket.Dispose();
        if (_stream != _bare)
            _stream.Dispose();
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
            _stream.Write(bytes);
        }
        catch (Exception e) when (IsOfStream(e))
        {
            throw Translate(e);
        }

        Interlocked.Add(ref _bytesSent, bytes.Length);
        StreamMeter.Sent.Add(bytes.Length);
    }

    /// <summary>Fills the span. Payloads are hashed piece by piece as they arrive, while the peer still sends the rest.</summary>
    private void ReceiveAll(Span<byte> bytes, bool hashed, bool atBoundary)
    {
        int total = bytes.Length;
        try
        {
            while (!bytes.IsEmpty)
            {
                int received = _stream.Read(bytes);
                if (received == 0)
                    throw Ended(atBoundary && bytes.Length == total);
                Interlocked.Add(ref _bytesReceived, received);
                StreamMeter.Received.Add(received);
                if (hashed)
                    _receiveHash.Append(bytes[..received]);
                bytes = bytes[received..];
            }
        }
        catch (Exception e) when (IsOfStream(e))
        {
            throw Translate(e);
        }
    }

    private void VerifyHash(in FrameHeader header)
    {
        if (_receiveHash.GetCurrentHashAsUInt64() != header.Hash)
            throw Fail(StreamError.BadHash, $"a {header.Kind} frame of {header.PayloadLength:N0} bytes changed on the way: its hash does not match.");
    }

    private StreamException Ended(bool betweenFrames)
    {
        if (_closed)
            return Fail(StreamError.Closed, "closed by this side.");
        return Fail(StreamError.EndOfStream, betweenFrames ? "the peer closed it." : "the peer closed it in the middle of a frame.");
    }

    /// <summary>Whether it is the system's or TLS's, and not this class's own.</summary>
    private static bool IsOfStream(Exception e) => e is SocketException or ObjectDisposedException or (IOException and not StreamException);

    private StreamException Translate(Exception e)
    {
        // TLS wraps what its socket throws.
        Exception cause = e is IOException { InnerException: SocketException or ObjectDisposedException } ? e.InnerException! : e;
        if (_closed || cause is ObjectDisposedException)
            return Fail(StreamError.Closed, "closed by this side.");
        return cause is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock }
            ? TimedOut()
            : Fail(StreamError.Broken, $"the connection broke: {cause.Message.TrimEnd('.')}.", e);
    }

    private StreamException TimedOut() => Fail(StreamError.Timeout, "the peer did not send what was expected in time.");

    private StreamException Fail(StreamError error, string problem, Exception? inner = null) => new(error, Peer, problem, inner);

    private static Socket Dial(string host, int port, TimeSpan timeout)
    {
        string peer = $"{host}:{port}";
        long start = Stopwatch.GetTimestamp();
        Exception? last = null;
        bool expired = false;
        try
        {
            foreach (IPAddress address in Dns.GetHostAddresses(host))
            {
                TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                    break;
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                // A connection attempt has no time limit of its own. An asynchronous one has, but slows the socket down for good.
                using var watchdog = new Timer(
                    state =>
                    {
                        Volatile.Write(ref expired, true);
                        ((Socket)state!).Dispose();
                    },
                    socket, left, Timeout.InfiniteTimeSpan);
                try
                {
                    socket.Connect(address, port);
                    if (watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) && socket.Connected)
                        return socket;
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    socket.Dispose();
                    last = e;
                }
            }
        }
        catch (SocketException e)
        {
            last = e;
        }

        // A timer may fire a little early, so the clock alone does not tell.
        if (Volatile.Read(ref expired) || Stopwatch.GetElapsedTime(start) >= timeout)
            throw new StreamException(StreamError.Timeout, peer, $"no connection within {timeout.TotalSeconds:0.#} s. Check that the coordinator's stream port is reachable.", last);
        throw new StreamException(StreamError.Unreachable, peer, $"no connection: {last?.Message ?? "the name has no address"}.", last);
    }
}
