using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Streaming;

/// <summary>A tensor stream over TCP, in TLS if the cluster has it, with receive deadlines.</summary>
public sealed class TensorConnection : FrameStream
{
    /// <summary>First byte of a TLS handshake record.</summary>
    private const byte TlsHandshake = 22;

    /// <summary>Payload that a socket takes which can be written to.</summary>
    private const int AlwaysFits = 1024;

    // Of the buffer of a socket that can be written to, Linux leaves a third free at least; besides the payload, it takes headers.
    private const double PartOfBuffer = 3.5;

    private readonly Socket _socket;
    private readonly SocketStream _bare;
    // The system lets it grow with the traffic.
    private int _sendBuffer;

    /// <summary>
    /// Takes ownership of a connected socket. It must never have been used asynchronously, which would make its blocking calls slow.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public TensorConnection(Socket socket)
        : this(socket, new SocketStream(socket))
    {
    }

    private TensorConnection(Socket socket, SocketStream bare)
        : base(bare, socket.RemoteEndPoint?.ToString() ?? "an unknown address", IsWithin(socket))
    {
        _socket = socket;
        _bare = bare;
        _socket.NoDelay = true;
    }

    /// <summary>This side's address; null once the connection is closed.</summary>
    public IPAddress? LocalAddress
    {
        get
        {
            try
            {
                return (_socket.LocalEndPoint as IPEndPoint)?.Address;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>The operating system's number of the socket.</summary>
    internal int Handle => (int)_socket.Handle;

    /// <summary>Worker side: connects to the coordinator and presents the token.</summary>
    /// <param name="host">Name or address of the coordinator.</param>
    /// <param name="port">Port of its tensor stream.</param>
    /// <param name="run">The run to join.</param>
    /// <param name="token">The token that the coordinator issued to this worker.</param>
    /// <param name="worker">This worker's id, as the coordinator knows it.</param>
    /// <param name="timeout">Time limit over all addresses of the host.</param>
    /// <param name="secret">The secret that both sides prove first; null for none.</param>
    /// <param name="tls">This worker's certificate, and the CA it trusts; null for no TLS.</param>
    /// <param name="coordinator">Name or address that the coordinator's certificate must be for; null for <paramref name="host"/>.</param>
    /// <returns>A connection whose next frame is the run spec or a refusal.</returns>
    /// <exception cref="StreamException">
    /// The coordinator was not reached in time, the secrets differ, or one side does not trust the other's certificate.
    /// </exception>
    public static TensorConnection Connect(
        string host, int port, ulong run, ReadOnlySpan<byte> token, string worker, TimeSpan timeout, ClusterSecret? secret = null,
        ClusterTls? tls = null, string? coordinator = null) =>
        Open(
            host, port, new FrameHeader { Kind = FrameKind.Hello, Run = run }, Hello.Encode(token, worker), timeout, secret, tls,
            coordinator);

    /// <summary>Coordinator side: connects to another coordinator as its peer.</summary>
    /// <param name="host">Name or address of the other coordinator.</param>
    /// <param name="port">Port of its tensor stream.</param>
    /// <param name="ownAddress">HOST:PORT under which this coordinator is known to the others.</param>
    /// <param name="timeout">Time limit over all addresses of the host.</param>
    /// <param name="secret">The secret that both sides prove first; null for none.</param>
    /// <param name="tls">This side's certificate, and the CA it trusts; null for no TLS.</param>
    /// <param name="name">Name or address that the other's certificate must be for; null for <paramref name="host"/>.</param>
    /// <returns>A connection whose next frame is a <see cref="FrameKind.PeerStatus"/> or a refusal.</returns>
    /// <inheritdoc cref="Connect" path="/exception"/>
    public static TensorConnection ConnectPeer(
        string host, int port, string ownAddress, TimeSpan timeout, ClusterSecret? secret = null, ClusterTls? tls = null,
        string? name = null) =>
        Open(host, port, new FrameHeader { Kind = FrameKind.Peer }, Hello.EncodePeer(ownAddress), timeout, secret, tls, name);

    private static TensorConnection Open(
        string host, int port, in FrameHeader header, byte[] hello, TimeSpan timeout, ClusterSecret? secret, ClusterTls? tls, string? name)
    {
        var connection = new TensorConnection(StreamDialer.Dial(host, port, timeout));
        try
        {
            connection.SetReceiveDeadline(timeout);
            if (tls is not null && connection.Encrypt(tls, isServer: false, name ?? host) is { } untrusted)
            {
                connection.SendLast(FrameKind.Refusal, header.Run, 0, untrusted);
                throw new StreamException(StreamError.Unproven, connection.Peer, $"{untrusted}.");
            }

            if (secret is null)
                connection.Send(header, hello);
            else
                StreamProof.Begin(connection, secret, header, hello);
            connection.SetReceiveDeadline(null);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the peer's first byte, and returns whether it begins with TLS.</summary>
    /// <exception cref="StreamException">The stream ended, or the deadline passed.</exception>
    internal bool PeerBeginsWithTls()
    {
        try
        {
            return (_bare.Peek() ?? throw Ended(betweenFrames: true)) == TlsHandshake;
        }
        catch (Exception e) when (Translate(e) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Starts TLS. Call it before the first frame.</summary>
    /// <param name="tls">This side's certificate, and the CA it trusts.</param>
    /// <param name="isServer">Whether this side accepted the connection.</param>
    /// <param name="peerName">Name that the peer's certificate must be for; null for any.</param>
    /// <returns>
    /// What is wrong with the peer's certificate, without a full stop; null for nothing. The peer can be told in either case.
    /// </returns>
    /// <exception cref="StreamException">The peer does not speak TLS 1.3, or the stream ended.</exception>
    internal string? Encrypt(ClusterTls tls, bool isServer, string? peerName = null)
    {
        var encrypted = new SslStream(_bare, leaveInnerStreamOpen: true);
        Bytes = encrypted;
        try
        {
            if (isServer)
                encrypted.AuthenticateAsServer(tls.ServerOptions);
            else
                encrypted.AuthenticateAsClient(tls.ClientOptions);
        }
        catch (AuthenticationException e)
        {
            throw Fail(
                StreamError.Unproven,
                $"TLS 1.3 failed: {(e.InnerException ?? e).Message.TrimEnd('.')}. Start both sides with --tls-dir, or both without.", e);
        }
        catch (Exception e) when (Translate(e) is { } translated)
        {
            throw translated;
        }

        return tls.Check(encrypted.RemoteCertificate, isServer: !isServer, peerName);
    }

    /// <summary>Sets the deadline by which everything received must have arrived, however slowly; null removes it.</summary>
    public void SetReceiveDeadline(TimeSpan? timeout) => IfOpen(() => _bare.SetDeadline(timeout));

    /// <summary>
    /// Sets the maximum wait of each receive, from the next one on; a longer one fails with <see cref="StreamError.Timeout"/>. Null waits
    /// for ever.
    /// </summary>
    /// <remarks>Costs nothing per frame. The deadline of <see cref="SetReceiveDeadline"/> applies too; the earlier one wins.</remarks>
    public void SetIdleTimeout(TimeSpan? timeout) => IfOpen(() => _bare.SetIdleTimeout(timeout));

    /// <inheritdoc/>
    public override bool CanSendAtOnce(int payload = 0)
    {
        try
        {
            return IsReady(SelectMode.SelectWrite) == true
                && (payload <= AlwaysFits || Fits(payload, _sendBuffer) || Fits(payload, _sendBuffer = _socket.SendBufferSize));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override bool CanReceiveAtOnce() => IsReady(SelectMode.SelectRead) ?? true;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        MarkClosed();
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        _socket.Dispose();
        base.Dispose(disposing);
    }

    private protected override StreamException? Translate(Exception exception)
    {
        // TLS wraps the exceptions of its socket.
        Exception cause = exception is IOException { InnerException: SocketException or ObjectDisposedException } and not StreamException
            ? exception.InnerException! : exception;
        if (cause is not SocketException socket)
            return base.Translate(cause);
        if (IsClosed)
            return ClosedHere();
        return socket.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock
            ? Fail(StreamError.Timeout, "it did not send what was expected in time.")
            : Broke(socket, exception);
    }

    private static bool Fits(int payload, int buffer) => payload * PartOfBuffer <= buffer;

    /// <summary>Whether the socket can be used without waiting; null if it is closed.</summary>
    private bool? IsReady(SelectMode mode)
    {
        try
        {
            return _socket.Poll(0, mode);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static bool IsWithin(Socket socket) =>
        socket.RemoteEndPoint is IPEndPoint { Address: var remote } && socket.LocalEndPoint is IPEndPoint { Address: var local }
        && (IPAddress.IsLoopback(remote) || remote.Equals(local));

    private static void IfOpen(Action act)
    {
        try
        {
            act();
        }
        catch (ObjectDisposedException)
        {
            // The next receive reports it.
        }
    }
}
