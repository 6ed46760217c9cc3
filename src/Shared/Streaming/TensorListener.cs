using System.Net;
using System.Net.Sockets;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;
using Microsoft.Extensions.Logging;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Accepts tensor streams of workers and other coordinators. A connection must present a certificate and prove the secret, if configured,
/// and a worker must present a valid one-time token, all within a time limit; otherwise it is closed with one line in the log.
/// Unauthenticated connections are few, cheap and limited in time, so nobody without a token can keep a worker out.
/// </summary>
public sealed partial class TensorListener : IDisposable
{
    /// <summary>Time limit of a connection to present its token.</summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Maximum unauthenticated connections, unless others are given. One more closes the oldest.</summary>
    public const int MaxUnauthenticated = 16;

    private readonly Socket _socket;
    private readonly StreamGreetings _greetings;
    private readonly ClusterSecret? _secret;
    private readonly ClusterTls? _tls;
    private readonly Action<TensorConnection, string> _onConnected;
    private readonly Action<TensorConnection, string>? _onPeer;
    private readonly ILogger _logger;
    private readonly TimeSpan _handshakeTimeout;
    private readonly int _maxUnauthenticated;
    private readonly Thread _acceptThread;
    private readonly Lock _lock = new();
    private readonly LinkedList<TensorConnection> _unauthenticated = new();
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Binds and starts to accept.</summary>
    /// <param name="endPoint">Where to listen; port 0 takes a free one, see <see cref="EndPoint"/>.</param>
    /// <param name="run">The <see cref="Run"/>.</param>
    /// <param name="tokens">The valid tokens.</param>
    /// <param name="onConnected">
    /// Takes over an authenticated connection and the worker's id. Called on a thread of the connection, possibly several at once; must
    /// return soon.
    /// </param>
    /// <param name="logger">Receives one line for each closed connection.</param>
    /// <param name="handshakeTimeout">
    /// Time limit of a connection to present its token; null for <see cref="DefaultHandshakeTimeout"/>.
    /// </param>
    /// <param name="secret">The secret that both sides prove; null for none.</param>
    /// <param name="tls">This side's certificate, and the CA it trusts; null for no TLS.</param>
    /// <param name="onPeer">
    /// Takes over a connection of another coordinator and its HOST:PORT, like <paramref name="onConnected"/>; null if there are none.
    /// </param>
    /// <param name="maxUnauthenticated">Maximum unauthenticated connections. One more closes the oldest.</param>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public TensorListener(
        IPEndPoint endPoint, ulong? run, StreamTokens tokens, Action<TensorConnection, string> onConnected, ILogger logger,
        TimeSpan? handshakeTimeout = null, ClusterSecret? secret = null, ClusterTls? tls = null,
        Action<TensorConnection, string>? onPeer = null, int maxUnauthenticated = MaxUnauthenticated)
    {
        _maxUnauthenticated = maxUnauthenticated;
        ArgumentNullException.ThrowIfNull(endPoint);
        _greetings = new StreamGreetings(tokens) { Run = run };
        _onConnected = onConnected;
        _onPeer = onPeer;
        _logger = logger;
        _secret = secret;
        _tls = tls;
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

    /// <summary>Where it listens, with the actual port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>
    /// The run that this coordinator leads; workers of other runs are refused. Null while it leads none: then every worker is told to look
    /// for the leader.
    /// </summary>
    public ulong? Run
    {
        get => _greetings.Run;
        set => _greetings.Run = value;
    }

    /// <summary>Stops accepting and closes unauthenticated connections. The others belong to their new owners.</summary>
    public void Dispose()
    {
        // Not every platform ends a call of Accept when its socket is closed; all end one that has a token.
        _closing.Cancel();
        if (Thread.CurrentThread != _acceptThread)
            _acceptThread.Join();
        _socket.Dispose();
        lock (_lock)
        {
            foreach (TensorConnection connection in _unauthenticated)
                connection.Dispose();
        }
    }

    private void AcceptLoop()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Admit(new TensorConnection(_socket.AcceptAsync(_closing.Token).AsTask().GetAwaiter().GetResult()));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // The client may be gone again, or file descriptors may be exhausted. Neither may end the listener or make it spin.
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
            if (_unauthenticated.Count == _maxUnauthenticated)
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
            (Action<TensorConnection, string> takeOver, string who) = Identify(connection);
            connection.SetReceiveDeadline(null);
            if (!Release(connection))
                throw new StreamException(StreamError.Closed, connection.Peer, "closed by this side.");
            takeOver(connection, who);
        }
        catch (Exception e)
        {
            Release(connection);
            connection.Dispose();
            if (!_closing.IsCancellationRequested)
                LogRefused(_logger, e is StreamException stream ? $"{stream.Peer}: {stream.Problem}" : $"{connection.Peer}: {e.Message}");
        }
    }

    /// <summary>Marks a connection as authenticated. False if newer connections have displaced it.</summary>
    private bool Release(TensorConnection connection)
    {
        lock (_lock)
            return _unauthenticated.Remove(connection);
    }

    /// <summary>Identifies the dialer, and returns the callback that takes the connection over.</summary>
    private (Action<TensorConnection, string> TakeOver, string Who) Identify(TensorConnection connection)
    {
        string? untrusted = Encrypt(connection);
        (FrameHeader header, byte[] payload) = untrusted is null
            ? Prove(connection) : throw RefuseFirst(connection, connection.ReceiveHeader(), $"{untrusted}.", $"{untrusted}.");
        return header.Kind != FrameKind.Peer ? (_onConnected, _greetings.WorkerOf(connection, header, payload))
            : _onPeer is not null ? (_onPeer, _greetings.PeerOf(connection, payload))
            : throw _greetings.Refuse(connection, "This coordinator has no peers.", "it is a coordinator; this one has no peers.");
    }

    /// <summary>Starts TLS if this coordinator has it; returns what is wrong with the other side's certificate.</summary>
    private string? Encrypt(TensorConnection connection)
    {
        bool isTls = connection.PeerBeginsWithTls();
        if (_tls is null)
            return isTls
                ? throw new StreamException(StreamError.BadMagic, connection.Peer, "it speaks TLS, and this coordinator has no --tls-dir.")
                : null;
        if (isTls)
            return connection.Encrypt(_tls, isServer: true);
        throw RefuseFirst(
            connection, connection.ReceiveHeader(), "This coordinator speaks TLS, and the other side does not. Start both with --tls-dir.",
            "it does not speak TLS.");
    }

    /// <summary>Receives the greeting, and the proof of the secret if there is one.</summary>
    private (FrameHeader Header, byte[] Payload) Prove(TensorConnection connection)
    {
        FrameHeader first = connection.ReceiveHeader();
        if (first.Kind == FrameKind.Challenge && _secret is not null)
            return StreamProof.Receive(connection, first, _secret, Run ?? 0)
                ?? throw _greetings.Refuse(connection, StreamProof.Wrong, "its proof of the secret is wrong.");
        if (first.Kind == FrameKind.Challenge)
            throw RefuseFirst(connection, first, StreamProof.NotWanted, "it has a secret; this coordinator has none.");

        byte[] hello = Hello.Receive(connection, first);
        return _secret is null
            ? (first, hello)
            : throw _greetings.Refuse(connection, StreamProof.Missing, "it did not prove that it knows the secret.");
    }

    /// <summary>
    /// Refuses the peer after reading its first frame: closing a connection with unread data could discard the reason on its way.
    /// </summary>
    private StreamException RefuseFirst(TensorConnection connection, in FrameHeader first, string reason, string problem)
    {
        connection.SkipPayload(first);
        return first.Kind == FrameKind.Refusal
            ? new StreamException(StreamError.Refused, connection.Peer, problem) // It refuses this side too, and no longer reads.
            : _greetings.Refuse(connection, reason, problem);
    }

    [LoggerMessage(1, LogLevel.Warning, "Tensor stream: closed the connection from {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);

    [LoggerMessage(2, LogLevel.Warning, "Tensor stream: accepting at {EndPoint} failed: {Problem}; continuing")]
    private static partial void LogAcceptFailed(ILogger logger, IPEndPoint endPoint, string problem);
}
