using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public sealed class TensorListenerTests : IDisposable
{
    private const ulong Run = 0xABCD;
    private readonly StreamTokens _tokens = new();
    private readonly RecordingLogger _log = new();
    private readonly Channel<string> _logged = Channel.CreateUnbounded<string>();
    private readonly Channel<(TensorConnection Connection, string Worker)> _connected = Channel.CreateUnbounded<(TensorConnection, string)>();
    private readonly List<IDisposable> _open = [];

    public TensorListenerTests() => _log.OnLine = line => _logged.Writer.TryWrite(line);

    public void Dispose() => _open.ForEach(item => item.Dispose());

    [Fact]
    public async Task Connect_WithIssuedToken_IsHandedOverWithItsWorker()
    {
        TensorListener listener = Listen();

        await AssertGoodClientGetsIn(listener);

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Connect_WrongToken_IsToldAndClosed()
    {
        TensorListener listener = Listen();
        _tokens.Issue("worker-1");

        await AssertRefused(Connect(listener, new byte[16], "worker-1"), "The token is not valid");
        await AssertGoodClientGetsIn(listener);
    }

    [Fact]
    public async Task Connect_UsedToken_IsToldAndClosed()
    {
        TensorListener listener = Listen();
        byte[] token = _tokens.Issue("worker-1");
        Connect(listener, token, "worker-1");
        await Accepted();

        await AssertRefused(Connect(listener, token, "worker-1"), "The token is not valid");
    }

    [Fact]
    public async Task Connect_TokenOfAnotherWorker_IsToldAndClosed()
    {
        TensorListener listener = Listen();

        await AssertRefused(Connect(listener, _tokens.Issue("worker-1"), "worker-2"), "The token is not valid");
    }

    [Fact]
    public async Task Connect_AnotherRun_IsToldAndClosed()
    {
        TensorListener listener = Listen();

        await AssertRefused(
            Connect(listener, _tokens.Issue("worker-1"), "worker-1", run: 7), "This is run 000000000000abcd, not 0000000000000007.");
    }

    [Fact]
    public async Task Connect_SameSecret_IsHandedOver()
    {
        TensorListener listener = Listen(secret: Samples.Secret);

        await AssertGoodClientGetsIn(listener, Samples.Secret);

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Connect_AnotherSecretOrNone_IsToldAndItsTokenStaysGood()
    {
        TensorListener listener = Listen(secret: Samples.Secret);
        byte[] token = _tokens.Issue("worker-1");

        await AssertRefusedAtOnce(() => Connect(listener, token, "worker-1", secret: Samples.OtherSecret), StreamProof.Wrong);
        await AssertRefused(Connect(listener, token, "worker-1"), StreamProof.Missing);

        Connect(listener, token, "worker-1", secret: Samples.Secret);
        await Accepted("worker-1");
    }

    [Fact]
    public async Task Connect_SecretThatTheCoordinatorDoesNotHave_IsTold()
    {
        TensorListener listener = Listen();

        await AssertRefusedAtOnce(
            () => Connect(listener, _tokens.Issue("worker-1"), "worker-1", secret: Samples.Secret), StreamProof.NotWanted);
        await AssertGoodClientGetsIn(listener);
    }

    [Fact]
    public async Task Connect_WrongTokenOrRunWithTheSecret_IsToldByACoordinatorThatProvedItself()
    {
        TensorListener listener = Listen(secret: Samples.Secret);

        await AssertRefused(Connect(listener, new byte[16], "worker-1", secret: Samples.Secret), "The token is not valid");
        await AssertRefused(
            Connect(listener, _tokens.Issue("worker-1"), "worker-1", run: 7, secret: Samples.Secret), "not 0000000000000007.");
    }

    /// <summary>All that a good worker ever sent, token included, sent again: the coordinator's nonce is another one.</summary>
    [Fact]
    public async Task Connect_FramesOfAnEarlierWorkerAgain_AreRefused()
    {
        TensorListener listener = Listen(secret: Samples.Secret);
        using var relay = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        relay.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        relay.Listen(1);
        byte[] token = _tokens.Issue("worker-1");
        Task<StreamException> worker = StreamPair.OnThread(() => Assert.Throws<StreamException>(
            () => TensorConnection.Connect(
                "127.0.0.1", ((IPEndPoint)relay.LocalEndPoint!).Port, Run, token, "worker-1", StreamPair.Deadline, Samples.Secret)));
        using Socket near = relay.Accept();
        near.ReceiveTimeout = (int)StreamPair.Deadline.TotalMilliseconds;
        Socket first = Raw(listener);
        byte[] challenge = Pass(near, first, FrameHeader.Size + SecretProof.NonceBytes);
        Pass(first, near, FrameHeader.Size + SecretProof.NonceBytes);
        byte[] rest = Pass(near, null, (2 * FrameHeader.Size) + StreamTokens.TokenBytes + "worker-1".Length + SecretProof.Bytes);

        Socket again = Raw(listener);
        again.Send(challenge);
        Pass(again, null, FrameHeader.Size + SecretProof.NonceBytes);
        again.Send(rest);

        await Logged("its proof of the secret is wrong");
        near.Close();
        Assert.Equal(StreamError.EndOfStream, (await worker).Error);
    }

    /// <summary>A coordinator that knows no secret, but where a worker was led to.</summary>
    [Fact]
    public async Task Connect_CoordinatorThatSendsTheWorkersOwnProofBack_IsNotFollowed()
    {
        using var pair = new TensorListenerStub(connection =>
        {
            byte[] nonce = new byte[SecretProof.NonceBytes], proof = new byte[SecretProof.Bytes];
            connection.ReceivePayload(connection.ReceiveHeader(FrameKind.Challenge), nonce);
            connection.Send(new FrameHeader { Kind = FrameKind.Challenge, Run = Run }, nonce);
            connection.SkipPayload(connection.ReceiveHeader(FrameKind.Hello));
            connection.ReceivePayload(connection.ReceiveHeader(FrameKind.Proof), proof);
            connection.Send(new FrameHeader { Kind = FrameKind.Proof, Run = Run }, proof);
        });

        StreamException error = await StreamPair.OnThread(() => Assert.Throws<StreamException>(
            () => TensorConnection.Connect("127.0.0.1", pair.Port, Run, new byte[16], "worker-1", StreamPair.Deadline, Samples.Secret)));

        Assert.Equal(StreamError.Unproven, error.Error);
        Assert.Contains("it is not the coordinator", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<byte[]> Garbage => new()
    {
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: curl/8.0\r\n\r\n"),
        Enumerable.Repeat((byte)0xFF, 1000).ToArray(),
        new byte[FrameHeader.Size],
        HeaderBytes(new FrameHeader { Kind = FrameKind.Hello, PayloadLength = int.MaxValue }),
        HeaderBytes(new FrameHeader { Kind = FrameKind.Hello, PayloadLength = -1 }),
        HeaderBytes(new FrameHeader { Kind = FrameKind.Hello, PayloadLength = 16 }),
        HeaderBytes(new FrameHeader { Kind = FrameKind.Hello }),
        HeaderBytes(new FrameHeader { Kind = FrameKind.Gradient, PayloadLength = 100 }),
        HeaderBytes(new FrameHeader { Kind = FrameKind.Bye }),
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Connect_Garbage_IsClosedWithOneLineAndTheOthersGoOn(byte[] garbage)
    {
        TensorListener listener = Listen();
        Socket client = Raw(listener);
        client.Send(garbage);

        await AssertClosed(client);
        await Logged("closed the connection from 127.0.0.1");
        await AssertGoodClientGetsIn(listener);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task Connect_ClientThatStopsInTheMiddle_IsClosedAfterTheDeadlineWhileOthersGoOn()
    {
        TensorListener listener = Listen(TimeSpan.FromMilliseconds(300));
        Socket silent = Raw(listener), half = Raw(listener);
        half.Send(HeaderBytes(new FrameHeader { Kind = FrameKind.Hello, PayloadLength = 20 })[..40]);

        await AssertGoodClientGetsIn(listener);
        await AssertClosed(silent);
        await AssertClosed(half);
        await Logged("in time");
        await Logged("in time");
    }

    [Fact]
    public async Task Connect_MoreSilentClientsThanAllowed_GiveWayToTheGoodOne()
    {
        TensorListener listener = Listen(StreamPair.Deadline);
        Socket[] silent = [.. Enumerable.Range(0, 3 * TensorListener.MaxUnauthenticated).Select(_ => Raw(listener))];

        await AssertGoodClientGetsIn(listener);

        foreach (Socket client in silent[..(2 * TensorListener.MaxUnauthenticated)])
            await AssertClosed(client);
    }

    [Fact]
    public async Task Connect_CallbackThatThrows_ClosesThatConnectionOnly()
    {
        int calls = 0;
        var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, _tokens, (connection, worker) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                throw new InvalidOperationException("no place");
            _connected.Writer.TryWrite((connection, worker));
        }, _log);
        _open.Add(listener);

        TensorConnection first = Connect(listener, _tokens.Issue("first"), "first");
        Assert.Equal(StreamError.EndOfStream, (await Failure(first)).Error);
        await AssertGoodClientGetsIn(listener);
        await Logged("no place");
    }

    [Fact]
    public async Task Dispose_WithOpenConnections_ClosesOnlyTheUnauthenticated()
    {
        TensorListener listener = Listen(StreamPair.Deadline);
        Socket silent = Raw(listener);
        TensorConnection worker = Connect(listener, _tokens.Issue("w"), "w");
        TensorConnection coordinator = await Accepted();

        listener.Dispose();

        await AssertClosed(silent);
        coordinator.Send(new FrameHeader { Kind = FrameKind.RunSpec }, []);
        Assert.Equal(FrameKind.RunSpec, worker.ReceiveHeader().Kind);
        Assert.Throws<StreamException>(() => Connect(listener, new byte[16], "late"));
    }

    [Fact]
    public void Constructor_PortInUse_Throws()
    {
        TensorListener first = Listen();

        var error = Assert.Throws<SocketException>(() => new TensorListener(first.EndPoint, Run, _tokens, (_, _) => { }, _log));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    private TensorListener Listen(TimeSpan? handshakeTimeout = null, ClusterSecret? secret = null)
    {
        var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, _tokens,
            (connection, worker) => _connected.Writer.TryWrite((connection, worker)), _log, handshakeTimeout, secret);
        _open.Add(listener);
        return listener;
    }

    private TensorConnection Connect(TensorListener listener, byte[] token, string worker, ulong run = Run, ClusterSecret? secret = null)
    {
        TensorConnection connection = TensorConnection.Connect(
            "127.0.0.1", listener.EndPoint.Port, run, token, worker, StreamPair.Deadline, secret);
        connection.SetReceiveDeadline(StreamPair.Deadline);
        _open.Add(connection);
        return connection;
    }

    private Socket Raw(TensorListener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = (int)StreamPair.Deadline.TotalMilliseconds,
        };
        _open.Add(socket);
        socket.Connect(listener.EndPoint);
        return socket;
    }

    private async Task AssertGoodClientGetsIn(TensorListener listener, ClusterSecret? secret = null)
    {
        TensorConnection worker = Connect(listener, _tokens.Issue("good"), "good", secret: secret);
        TensorConnection coordinator = await Accepted("good");
        coordinator.Send(new FrameHeader { Kind = FrameKind.RunSpec, Run = Run }, [1, 2, 3]);
        Assert.Equal(3, worker.ReceiveHeader(FrameKind.RunSpec).PayloadLength);
    }

    private async Task<TensorConnection> Accepted(string? worker = null)
    {
        (TensorConnection connection, string name) = await _connected.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        _open.Add(connection);
        Assert.Equal(worker ?? name, name);
        return connection;
    }

    private async Task AssertRefused(TensorConnection worker, string reason)
    {
        StreamException error = await Failure(worker);
        Assert.Equal(StreamError.Refused, error.Error);
        Assert.Contains(reason, error.Problem, StringComparison.Ordinal);
        await Logged("closed the connection from 127.0.0.1");
        Assert.False(_connected.Reader.TryRead(out _));
    }

    private async Task AssertRefusedAtOnce(Func<TensorConnection> connect, string reason)
    {
        StreamException error = await StreamPair.OnThread(() => Assert.Throws<StreamException>(() => connect()));
        Assert.Equal((StreamError.Refused, reason), (error.Error, error.Problem));
        await Logged("closed the connection from 127.0.0.1");
        Assert.False(_connected.Reader.TryRead(out _));
    }

    /// <summary>Bytes of one socket, sent on to another.</summary>
    private static byte[] Pass(Socket from, Socket? to, int count)
    {
        byte[] bytes = new byte[count];
        for (int got = 0; got < count;)
        {
            int received = from.Receive(bytes.AsSpan(got));
            Assert.NotEqual(0, received);
            got += received;
        }

        to?.Send(bytes);
        return bytes;
    }

    private static Task<StreamException> Failure(TensorConnection worker) =>
        StreamPair.OnThread(() => Assert.Throws<StreamException>(() => worker.ReceiveHeader(FrameKind.RunSpec)));

    /// <summary>Waits until the other side closed; a reset is as good as an end.</summary>
    private static Task AssertClosed(Socket socket) => StreamPair.OnThread(() =>
    {
        try
        {
            Assert.Equal(0, socket.Receive(new byte[1]));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
    });

    private async Task Logged(string text)
    {
        string line = await _logged.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        Assert.Contains(text, line, StringComparison.Ordinal);
    }

    private static byte[] HeaderBytes(FrameHeader header)
    {
        byte[] bytes = new byte[FrameHeader.Size];
        header.Write(bytes);
        return bytes;
    }

    /// <summary>Another program that takes one connection.</summary>
    private sealed class TensorListenerStub : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public TensorListenerStub(Action<TensorConnection> talk)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            StreamPair.OnThread(() =>
            {
                using var connection = new TensorConnection(_listener.Accept());
                talk(connection);
            });
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public void Dispose() => _listener.Dispose();
    }
}
