using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Threading.Channels;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Tls;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>Tensor streams in TLS: who gets in, and what the others are told.</summary>
public sealed class TlsStreamTests : IDisposable
{
    private const ulong Run = 0xABCD;
    private readonly TestCertificates _certificates = new();
    private readonly StreamTokens _tokens = new();
    private readonly RecordingLogger _log = new();
    private readonly Channel<string> _logged = Channel.CreateUnbounded<string>();
    private readonly Channel<TensorConnection> _connected = Channel.CreateUnbounded<TensorConnection>();
    private readonly List<IDisposable> _open = [];

    public TlsStreamTests() => _log.OnLine = line => _logged.Writer.TryWrite(line);

    public void Dispose()
    {
        _open.ForEach(item => item.Dispose());
        _certificates.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_CertificatesOfOneAuthority_FramesOfAnyLengthArriveUnchanged(bool withSecret)
    {
        ClusterSecret? secret = withSecret ? Samples.Secret : null;
        TensorListener listener = Listen(_certificates.Node(), secret);
        (TensorConnection worker, TensorConnection coordinator) = await Join(listener, _certificates.Node("worker"), secret);
        var layout = new ParameterLayout(ModelSpec.Parse("784-256-10"));
        worker.Limits = StreamLimits.For(layout);

        foreach (int length in new[] { 0, 1, 16_320, 16_321, 820_288 })
        {
            byte[] payload = new byte[length], received = new byte[length];
            new Random(length).NextBytes(payload);
            Task sending = StreamPair.OnThread(
                () => coordinator.Send(new FrameHeader { Kind = FrameKind.Weights, Run = Run, Step = length }, payload));
            worker.ReceivePayload(worker.ReceiveHeader(FrameKind.Weights), received);
            await sending.WaitAsync(StreamPair.Deadline);
            Assert.Equal(payload, received);
        }

        worker.Dispose();
        Assert.Equal(StreamError.EndOfStream, Assert.Throws<StreamException>(() => coordinator.ReceiveHeader()).Error);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Send_SteadyState_AllocatesNothing()
    {
        TensorListener listener = Listen(_certificates.Node());
        (TensorConnection worker, TensorConnection coordinator) = await Join(listener, _certificates.Node("worker"));
        worker.Limits = StreamLimits.For(new ParameterLayout(ModelSpec.Parse("784-256-10")));
        byte[] tensor = new byte[32_000];
        void Exchange(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                coordinator.Send(new FrameHeader { Kind = FrameKind.Weights, Step = i }, tensor);
                worker.ReceivePayload(worker.ReceiveHeader(), tensor);
            }
        }

        long allocated = await StreamPair.OnThread(() =>
        {
            Exchange(200);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exchange(1_000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Connect_InTls_NothingIsReadableOnTheWay()
    {
        TensorListener listener = Listen(_certificates.Node());
        byte[] token = _tokens.Issue("worker-1");
        using var relay = new Relay(listener.EndPoint);
        TensorConnection worker = await StreamPair.OnThread(() => Connect(relay.Port, _certificates.Node("worker"), token, "worker-1"));
        TensorConnection coordinator = await _connected.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        coordinator.Send(new FrameHeader { Kind = FrameKind.RunSpec, Run = Run }, "the run and its weights"u8);
        worker.SkipPayload(worker.ReceiveHeader(FrameKind.RunSpec));

        byte[] seen = relay.Seen();
        Assert.True(seen.Length > token.Length);
        Assert.Equal(-1, seen.AsSpan().IndexOf(token));
        Assert.Equal(-1, seen.AsSpan().IndexOf("the run and its weights"u8));
        Assert.Equal(-1, seen.AsSpan().IndexOf("LKST"u8));
    }

    [Fact]
    public async Task Connect_WorkerOfAnotherAuthority_IsRefusedByBoth()
    {
        TensorListener listener = Listen(_certificates.Node("127.0.0.1"));
        await AssertRefused(
            listener, _certificates.Node("stranger", "theirs"), StreamError.Unproven, "the certificate of '127.0.0.1' was issued by",
            "the certificate of 'stranger' was issued by");
        await AssertGoodWorkerGetsIn(listener);
    }

    [Fact]
    public async Task Connect_WorkerWhoseCertificateHasExpired_IsToldSo()
    {
        TensorListener listener = Listen(_certificates.Node(days: 900, clock: TestCertificates.Later));
        await AssertRefused(
            listener, _certificates.Node("old", days: 30), StreamError.Refused, "the certificate of 'old' expired on",
            "the certificate of 'old' expired on");
    }

    [Fact]
    public async Task Connect_CoordinatorWhoseCertificateHasExpired_IsNotFollowed()
    {
        TensorListener listener = Listen(_certificates.Node(days: 30));
        await AssertRefused(
            listener, _certificates.Node("worker", days: 900, clock: TestCertificates.Later), StreamError.Unproven,
            "the certificate of '127.0.0.1' expired on", "the certificate of '127.0.0.1' expired on");
    }

    [Fact]
    public async Task Connect_CoordinatorOfAnotherName_IsNotFollowed()
    {
        TensorListener listener = Listen(_certificates.Node("192.0.2.7,coordinator.example.net"));
        await AssertRefused(
            listener, _certificates.Node("worker"), StreamError.Unproven,
            "is for coordinator.example.net, 192.0.2.7, not for 127.0.0.1, where it was joined", "not for 127.0.0.1, where it was joined");
        TensorConnection worker = await StreamPair.OnThread(() => TensorConnection.Connect(
            "127.0.0.1", listener.EndPoint.Port, Run, _tokens.Issue("w"), "w", StreamPair.Deadline, tls: _certificates.Node("w"),
            coordinator: "coordinator.example.net"));
        _open.Add(worker);
        _open.Add(await _connected.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_WithoutTlsToACoordinatorThatHasIt_IsToldSo(bool withSecret)
    {
        TensorListener listener = Listen(_certificates.Node(), withSecret ? Samples.Secret : null);
        StreamException error = await StreamPair.OnThread(() => Assert.Throws<StreamException>(() =>
        {
            TensorConnection worker = Connect(listener.EndPoint.Port, null, _tokens.Issue("w"), "w", withSecret ? Samples.Secret : null);
            worker.ReceiveHeader(FrameKind.RunSpec);
        }));

        Assert.Equal(
            (StreamError.Refused, "This coordinator speaks TLS, and the other side does not. Start both with --tls-dir."),
            (error.Error, error.Problem));
        await Logged("it does not speak TLS");
        await AssertGoodWorkerGetsIn(listener, withSecret ? Samples.Secret : null);
    }

    [Fact]
    public async Task Connect_WithTlsToACoordinatorThatHasNone_Fails()
    {
        TensorListener listener = Listen(tls: null);
        StreamException error = await Failure(listener, _certificates.Node("worker"));

        Assert.Contains(error.Error, new[] { StreamError.Unproven, StreamError.Broken });
        await Logged("it speaks TLS, and this coordinator has no --tls-dir");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task Connect_StrangerWithOlderTlsOrWithoutACertificate_IsClosed(SslProtocols protocol, bool showsCertificate)
    {
        TensorListener listener = Listen(_certificates.Node());
        using var socket = new Socket(
            AddressFamily.InterNetwork, SocketType.Stream,
            ProtocolType.Tcp)
        { ReceiveTimeout = (int)StreamPair.Deadline.TotalMilliseconds };
        socket.Connect(listener.EndPoint);
        using var stranger = new SslStream(new NetworkStream(socket));
        SslClientAuthenticationOptions options = _certificates.Node("worker").ClientOptions;
        options.EnabledSslProtocols = protocol;
        if (!showsCertificate)
            options.ClientCertificateContext = null;

        await StreamPair.OnThread(() => Assert.ThrowsAny<Exception>(() =>
        {
            stranger.AuthenticateAsClient(options);
            stranger.Write(new byte[FrameHeader.Size]);
            stranger.ReadExactly(new byte[1]);
        }));

        await Logged("closed the connection from 127.0.0.1");
        await AssertGoodWorkerGetsIn(listener);
    }

    public static TheoryData<byte[]> Garbage => new()
    {
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: curl/8.0\r\n\r\n"),
        Enumerable.Repeat((byte)0xFF, 1000).ToArray(),
        Enumerable.Repeat((byte)22, 1000).ToArray(),
        new byte[] { 22, 3, 1, 0, 0 },
        new byte[] { 22, 3, 3, 0xFF, 0xFF, 1, 2, 3 },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Connect_Garbage_IsClosedAndTheOthersGoOn(byte[] garbage)
    {
        TensorListener listener = Listen(_certificates.Node(), handshakeTimeout: TimeSpan.FromSeconds(1));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.EndPoint);
        socket.Send(garbage);

        await Logged("closed the connection from 127.0.0.1");
        await AssertGoodWorkerGetsIn(listener);
    }

    [Fact]
    public async Task Dispose_WhileTheOtherThreadReceives_EndsItAtOnce()
    {
        (TensorConnection worker, _) = await Join(Listen(_certificates.Node()), _certificates.Node("worker"));
        worker.SetReceiveDeadline(null);
        Task<StreamException> receiving = StreamPair.OnThread(() => Assert.Throws<StreamException>(() => worker.ReceiveHeader()));
        worker.Dispose();
        Assert.Equal(StreamError.Closed, (await receiving.WaitAsync(StreamPair.Deadline)).Error);
    }

    private TensorListener Listen(ClusterTls? tls, ClusterSecret? secret = null, TimeSpan? handshakeTimeout = null)
    {
        var listener = new TensorListener(
            new IPEndPoint(IPAddress.Loopback, 0), Run, _tokens, (connection, _) => _connected.Writer.TryWrite(connection), _log,
            handshakeTimeout, secret, tls);
        _open.Add(listener);
        return listener;
    }

    private TensorConnection Connect(int port, ClusterTls? tls, byte[] token, string worker, ClusterSecret? secret = null)
    {
        var connection = TensorConnection.Connect("127.0.0.1", port, Run, token, worker, StreamPair.Deadline, secret, tls);
        connection.SetReceiveDeadline(StreamPair.Deadline);
        _open.Add(connection);
        return connection;
    }

    private async Task<(TensorConnection Worker, TensorConnection Coordinator)> Join(
        TensorListener listener, ClusterTls tls, ClusterSecret? secret = null)
    {
        TensorConnection worker = await StreamPair.OnThread(() => Connect(listener.EndPoint.Port, tls, _tokens.Issue("w"), "w", secret));
        TensorConnection coordinator = await _connected.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        coordinator.SetReceiveDeadline(StreamPair.Deadline);
        _open.Add(coordinator);
        return (worker, coordinator);
    }

    private async Task AssertGoodWorkerGetsIn(TensorListener listener, ClusterSecret? secret = null)
    {
        (TensorConnection worker, TensorConnection coordinator) = await Join(listener, _certificates.Node("good"), secret);
        coordinator.Send(new FrameHeader { Kind = FrameKind.RunSpec, Run = Run }, [1, 2, 3]);
        Assert.Equal(3, worker.ReceiveHeader(FrameKind.RunSpec).PayloadLength);
    }

    private async Task AssertRefused(
        TensorListener listener, ClusterTls worker, StreamError expected, string toldToTheWorker, string logged)
    {
        StreamException error = await Failure(listener, worker);
        Assert.Equal(expected, error.Error);
        Assert.Contains(toldToTheWorker, error.Problem, StringComparison.Ordinal);
        await Logged(logged);
        Assert.False(_connected.Reader.TryRead(out _));
    }

    private Task<StreamException> Failure(TensorListener listener, ClusterTls worker) =>
        StreamPair.OnThread(() => Assert.Throws<StreamException>(
        () => Connect(listener.EndPoint.Port, worker, _tokens.Issue("w"), "w").ReceiveHeader(FrameKind.RunSpec)));

    private async Task Logged(string text)
    {
        string line = await _logged.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        Assert.Contains(text, line, StringComparison.Ordinal);
    }

    /// <summary>Somebody on the way, who passes everything on and keeps it.</summary>
    private sealed class Relay : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly Socket _far = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly MemoryStream _seen = new();
        private Socket? _near;

        public Relay(IPEndPoint to)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            _far.Connect(to);
            StreamPair.OnThread(() =>
            {
                _near = _listener.Accept();
                StreamPair.OnThread(() => Pass(_far, _near));
                Pass(_near, _far);
            });
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public byte[] Seen()
        {
            lock (_seen)
                return _seen.ToArray();
        }

        public void Dispose()
        {
            _listener.Dispose();
            _far.Dispose();
            _near?.Dispose();
        }

        private void Pass(Socket from, Socket to)
        {
            byte[] bytes = new byte[4096];
            try
            {
                for (int count; (count = from.Receive(bytes)) > 0;)
                {
                    lock (_seen)
                        _seen.Write(bytes, 0, count);
                    to.Send(bytes, count, SocketFlags.None);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
            }
        }
    }
}
