using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
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

        await AssertRefused(Connect(listener, _tokens.Issue("worker-1"), "worker-1", run: 7), "This is run 000000000000abcd, not 0000000000000007.");
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

    private TensorListener Listen(TimeSpan? handshakeTimeout = null)
    {
        var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, _tokens,
            (connection, worker) => _connected.Writer.TryWrite((connection, worker)), _log, handshakeTimeout);
        _open.Add(listener);
        return listener;
    }

    private TensorConnection Connect(TensorListener listener, byte[] token, string worker, ulong run = Run)
    {
        TensorConnection connection = TensorConnection.Connect("127.0.0.1", listener.EndPoint.Port, run, token, worker, StreamPair.Deadline);
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

    private async Task AssertGoodClientGetsIn(TensorListener listener)
    {
        TensorConnection worker = Connect(listener, _tokens.Issue("good"), "good");
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
}
