using System.Net;
using System.Net.Sockets;
using Lockstep.Shared.Secrets;
using Microsoft.Extensions.Logging;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Accepts tensor streams. A connection must prove the secret, if there is one, and present a valid one-time token in time; everything else
/// is closed with one line in the log.
/// Connections that have not done so are few, cheap and bounded in time, so nobody without a token can keep a worker out.
/// </summary>
public sealed partial class TensorListener : IDisposable
{
    /// <summary>How long a connection may take to present its token.</summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Most connections without a token at a time. One more, and the oldest of them is closed.</summary>
    public const int MaxUnauthenticated = 16;

    private readonly Socket _socket;
    private readonly ulong _run;
    private readonly StreamTokens _tokens;
    private readonly ClusterSecret? _secret;
    private readonly Action<TensorConnection, string> _onConnected;
    private readonly ILogger _logger;
    private readonly TimeSpan _handshakeTimeout;
    private readonly Thread _acceptThread;
    private readonly Lock _lock = new();
    private readonly LinkedList<TensorConnection> _unauthenticated = new();
    private volatile bool _closed;

    /// <summary>Binds and starts to accept.</summary>
    /// <param name="endPoint">Where to listen; port 0 takes a free one, see <see cref="EndPoint"/>.</param>
    /// <param name="run">The run; a worker of another one is refused.</param>
    /// <param name="tokens">The valid tokens.</param>
    /// <param name="onConnected">Takes over an authenticated connection and the worker's id. Called on a thread of the connection, possibly several at once; returns soon.</param>
    /// <param name="logger">Gets one line for each connection that is closed.</param>
    /// <param name="handshakeTimeout">How long a connection may take to present its token; null is <see cref="DefaultHandshakeTimeout"/>.</param>
    /// <param name="secret">What a worker must prove that it knows, and this side proves to it; null for nothing.</param>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public TensorListener(
        IPEndPoint endPoint, ulong run, StreamTokens tokens, Action<TensorConnection, string> onConnected, ILogger logger,
        TimeSpan? handshakeTimeout = null, ClusterSecret? secret = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        _secret = secret;
        (_run, _tokens, _onConnected, _logger) = (run, tokens, onConnected, logger);
        _handshakeTimeout = handshakeTimeout ?? DefaultHandshakeTimeout;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(endPoint);
            _socket.Listen(128);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _acceptThread = new Thread(AcceptLoop) { IsBackground = true, Name = "lockstep-stream-accept" };
        _acceptThread.Start();
    }

    /// <summary>Where it listens, with the real port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Stops accepting and closes connections that are not authenticated yet; the others belong to whoever took them over.</summary>
    public void Dispose()
    {
        _closed = true;
        _socket.Dispose();
        if (Thread.CurrentThread != _acceptThread)
            _acceptThread.Join();
        lock (_lock)
        {
            foreach (TensorConnection connection in _unauthenticated)
                connection.Dispose();
        }
    }

    private void AcceptLoop()
    {
        while (!_closed)
        {
            try
            {
                Admit(new TensorConnection(_socket.Accept()));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (_closed)
                    return;
                // Such as a client that is gone again, or no free file descriptors: neither may end the listener or spin.
                LogAcceptFailed(_logger, EndPoint, e.Message);
                Thread.Sleep(10);
            }
        }
    }

    private void Admit(TensorConnection connection)
    {
        TensorConnection? evicted = null;
        lock (_lock)
        {
            if (_unauthenticated.Count == MaxUnauthenticated)
            {
                evicted = _unauthenticated.First!.Value;
                _unauthenticated.RemoveFirst();
            }

            _unauthenticated.AddLast(connection);
        }

        evicted?.Dispose();
        new Thread(() => Authenticate(connection)) { IsBackground = true, Name = "lockstep-stream-hello" }.Start();
    }

    private void Authenticate(TensorConnection connection)
    {
        try
        {
            connection.SetReceiveDeadline(_handshakeTimeout);
            string worker = ReceiveHello(connection);
            connection.SetReceiveDeadline(null);
            if (!Release(connection))
                throw new StreamException(StreamError.Closed, connection.Peer, "closed by this side.");
            _onConnected(connection, worker);
        }
        catch (Exception e)
        {
            Release(connection);
            connection.Dispose();
            if (!_closed)
                LogRefused(_logger, e is StreamException stream ? $"{stream.Peer}: {stream.Problem}" : $"{connection.Peer}: {e.Message}");
        }
    }

    /// <summary>No longer unauthenticated. False if the connection had to give way to newer ones.</summary>
    private bool Release(TensorConnection connection)
    {
        lock (_lock)
            return _unauthenticated.Remove(connection);
    }

    private string ReceiveHello(TensorConnection connection)
    {
        (FrameHeader header, byte[] payload) = Prove(connection);
        string? worker = _tokens.Redeem(payload.AsSpan(0, StreamTokens.TokenBytes), payload.AsSpan(StreamTokens.TokenBytes));
        if (worker is null)
        {
            throw Refuse(
                connection, "The token is not valid: it is wrong, expired or used. Join the cluster again for a new one.",
                "its token is not valid (wrong, expired or used).");
        }

        if (header.Run != _run)
            throw Refuse(connection, $"This is run {_run:x16}, not {header.Run:x16}.", $"it wants run {header.Run:x16}; this is run {_run:x16}.");
        return worker;
    }

    /// <summary>The worker's greeting, where there is a secret together with the proof that it knows it.</summary>
    private (FrameHeader Header, byte[] Payload) Prove(TensorConnection connection)
    {
        FrameHeader first = connection.ReceiveHeader();
        if (first.Kind == FrameKind.Challenge && _secret is not null)
            return StreamProof.Receive(connection, first, _secret, _run) ?? throw Refuse(connection, StreamProof.Wrong, "its proof of the secret is wrong.");
        // What is refused is read first: closing a connection with something unread in it could take the reason along.
        if (first.Kind == FrameKind.Challenge)
        {
            connection.SkipPayload(first);
            throw Refuse(connection, StreamProof.NotWanted, "it has a secret; this coordinator has none.");
        }

        connection.Expect(first, FrameKind.Hello);
        byte[] hello = Hello.Receive(connection, first);
        return _secret is null ? (first, hello) : throw Refuse(connection, StreamProof.Missing, "it did not prove that it knows the secret.");
    }

    /// <summary>Tells the peer why.</summary>
    private StreamException Refuse(TensorConnection connection, string reason, string problem)
    {
        connection.SendLast(FrameKind.Refusal, _run, 0, reason);
        return new StreamException(StreamError.Refused, connection.Peer, problem);
    }

    [LoggerMessage(1, LogLevel.Warning, "Tensor stream: closed the connection from {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);

    [LoggerMessage(2, LogLevel.Warning, "Tensor stream: accepting at {EndPoint} failed: {Problem}; going on")]
    private static partial void LogAcceptFailed(ILogger logger, IPEndPoint endPoint, string problem);
}
