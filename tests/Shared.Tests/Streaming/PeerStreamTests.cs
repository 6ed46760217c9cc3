using System.Net;
using System.Threading.Channels;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Tls;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Tests.Streaming;

/// <summary>Streams of coordinators among themselves: who gets in, and what the others are told.</summary>
public sealed class PeerStreamTests : IDisposable
{
    private const ulong Run = 0xABCD;
    private const string Address = "coordinator-1.example:4053";

    private readonly StreamTokens _tokens = new();
    private readonly RecordingLogger _log = new();
    private readonly Channel<string> _logged = Channel.CreateUnbounded<string>();
    private readonly Channel<(TensorConnection Connection, string Who, bool IsPeer)> _connected = Channel.CreateUnbounded<(TensorConnection, string, bool)>();
    private readonly List<IDisposable> _open = [];

    public PeerStreamTests() => _log.OnLine = line => _logged.Writer.TryWrite(line);

    public void Dispose() => _open.ForEach(item => item.Dispose());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ConnectPeer_WithTheSecretIfThereIsOne_IsHandedOverWithItsAddress(bool hasSecret)
    {
        ClusterSecret? secret = hasSecret ? Samples.Secret : null;
        TensorListener listener = Listen(run: null, secret);

        await AssertPeerGetsIn(listener, secret);

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task ConnectPeer_InTls_IsHandedOverOnlyByTheRightName()
    {
        using var certificates = new TestCertificates();
        TensorListener listener = Listen(run: null, Samples.Secret, certificates.Node());

        await AssertPeerGetsIn(listener, Samples.Secret, certificates.Node("coordinator-1"));
        StreamException wrongName = await Failure(() => TensorConnection.ConnectPeer(
            "127.0.0.1", listener.EndPoint.Port, Address, StreamPair.Deadline, Samples.Secret, certificates.Node("coordinator-1"),
            "elsewhere.example"));
        await Logged("not for elsewhere.example");
        StreamException withoutTls = await Failure(() => Connect(listener, Samples.Secret));

        Assert.Equal(StreamError.Unproven, wrongName.Error);
        Assert.Equal(StreamError.Refused, withoutTls.Error);
    }

    [Fact]
    public async Task ConnectPeer_AnotherSecretOrNone_IsToldAndClosed()
    {
        TensorListener listener = Listen(run: null, Samples.Secret);

        await AssertRefused(() => Connect(listener, Samples.OtherSecret), StreamProof.Wrong);
        await AssertRefused(() => Connect(listener, null), StreamProof.Missing);
        await AssertPeerGetsIn(listener, Samples.Secret);
    }

    /// <summary>The proof of a worker's greeting is no proof of a coordinator's, whatever its payload.</summary>
    [Fact]
    public async Task ConnectPeer_ProofOfAHelloWithTheSamePayload_IsRefused()
    {
        TensorListener listener = Listen(run: null, Samples.Secret);
        using TensorConnection connection = Raw(listener);
        byte[] own = SecretProof.NewNonce(), theirs = new byte[SecretProof.NonceBytes], hello = Hello.EncodePeer(Address);
        connection.Send(new FrameHeader { Kind = FrameKind.Challenge }, own);
        connection.ReceivePayload(connection.ReceiveHeader(FrameKind.Challenge), theirs);
        connection.Send(new FrameHeader { Kind = FrameKind.Peer }, hello);
        byte[] proof = new SecretProof(Samples.Secret, "tensor stream")
            .Make(Prover.Dialer, own, theirs, [.. new byte[sizeof(ulong)], .. hello]);
        connection.Send(new FrameHeader { Kind = FrameKind.Proof }, proof);

        Assert.Equal(StreamProof.Wrong, (await Failure(() => connection.ReceiveHeader(FrameKind.Proof))).Problem);
        await Logged("its proof of the secret is wrong");
    }

    [Fact]
    public async Task ConnectPeer_CoordinatorWithoutPeers_IsTold()
    {
        var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, _tokens, (_, _) => { }, _log);
        _open.Add(listener);

        await AssertRefused(() => Connect(listener, null), "This coordinator has no peers.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData(":1")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host\u001b[31m:4053")]
    [InlineData("two words:4053")]
    public async Task Peer_AddressThatIsNone_IsRefused(string address)
    {
        TensorListener listener = Listen(run: null);
        using TensorConnection connection = Raw(listener);
        connection.Send(new FrameHeader { Kind = FrameKind.Peer }, System.Text.Encoding.UTF8.GetBytes(address));

        Assert.Equal("Your own address is not HOST:PORT.", (await Failure(() => connection.ReceiveHeader(FrameKind.PeerStatus))).Problem);
        Assert.Throws<ArgumentException>(() => TensorConnection.ConnectPeer("127.0.0.1", 1, address, StreamPair.Deadline));
    }

    [Fact]
    public async Task Connect_WorkerWhileNothingIsLed_IsToldAndItsTokenStaysGood()
    {
        TensorListener listener = Listen(run: null);
        byte[] token = _tokens.Issue("worker-1");

        string reason = await StreamPair.OnThread(() =>
        {
            using TensorConnection connection = TensorConnection.Connect(
                "127.0.0.1", listener.EndPoint.Port, Run, token, "worker-1", StreamPair.Deadline);
            connection.SetReceiveDeadline(StreamPair.Deadline);
            return connection.ReceiveReason(connection.ReceiveHeader(FrameKind.Bye));
        });
        Assert.Equal("this coordinator does not lead", reason);
        Assert.False(_connected.Reader.TryRead(out _));
        listener.Run = Run;
        _open.Add(TensorConnection.Connect("127.0.0.1", listener.EndPoint.Port, Run, token, "worker-1", StreamPair.Deadline));

        (TensorConnection accepted, string who, bool isPeer) = await Accepted();
        Assert.Equal(("worker-1", false), (who, isPeer));
        _open.Add(accepted);
        await AssertPeerGetsIn(listener, null);
    }

    private TensorListener Listen(ulong? run, ClusterSecret? secret = null, ClusterTls? tls = null)
    {
        var listener = new TensorListener(
            new IPEndPoint(IPAddress.Loopback, 0), run, _tokens, (connection, who) => _connected.Writer.TryWrite((connection, who, false)),
            _log,
            secret: secret, tls: tls, onPeer: (connection, who) => _connected.Writer.TryWrite((connection, who, true)));
        _open.Add(listener);
        return listener;
    }

    /// <summary>Connects, and waits for the first status or for the reason why not.</summary>
    private TensorConnection Connect(TensorListener listener, ClusterSecret? secret) =>
        Hear(TensorConnection.ConnectPeer("127.0.0.1", listener.EndPoint.Port, Address, StreamPair.Deadline, secret));

    private TensorConnection Hear(TensorConnection connection)
    {
        _open.Add(connection);
        connection.SetReceiveDeadline(StreamPair.Deadline);
        connection.ReceiveHeader(FrameKind.PeerStatus);
        return connection;
    }

    private static TensorConnection Raw(TensorListener listener)
    {
        var connection = new TensorConnection(StreamDialer.Dial("127.0.0.1", listener.EndPoint.Port, StreamPair.Deadline));
        connection.SetReceiveDeadline(StreamPair.Deadline);
        return connection;
    }

    private async Task AssertPeerGetsIn(TensorListener listener, ClusterSecret? secret, ClusterTls? tls = null)
    {
        TensorConnection peer = await StreamPair.OnThread(
            () => TensorConnection.ConnectPeer("127.0.0.1", listener.EndPoint.Port, Address, StreamPair.Deadline, secret, tls));
        _open.Add(peer);
        peer.SetReceiveDeadline(StreamPair.Deadline);
        (TensorConnection accepted, string who, bool isPeer) = await Accepted();
        Assert.Equal((Address, true), (who, isPeer));
        _open.Add(accepted);

        byte[] status = new byte[StreamLimits.PeerStatusBytes];
        accepted.Send(new FrameHeader { Kind = FrameKind.PeerStatus }, status);
        await StreamPair.OnThread(() => peer.ReceivePayload(peer.ReceiveHeader(FrameKind.PeerStatus), status));
        peer.Send(new FrameHeader { Kind = FrameKind.Follow }, []);
        await StreamPair.OnThread(() => accepted.ReceiveHeader(FrameKind.Follow));
    }

    private async Task<(TensorConnection Connection, string Who, bool IsPeer)> Accepted() =>
        await _connected.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);

    private async Task AssertRefused(Action connect, string reason)
    {
        StreamException error = await Failure(connect);
        Assert.Equal((StreamError.Refused, reason), (error.Error, error.Problem));
        await Logged("closed the connection from 127.0.0.1");
        Assert.False(_connected.Reader.TryRead(out _));
    }

    private static Task<StreamException> Failure(Action act) => StreamPair.OnThread(() => Assert.Throws<StreamException>(act));

    private async Task Logged(string text)
    {
        string line = await _logged.Reader.ReadAsync().AsTask().WaitAsync(StreamPair.Deadline);
        Assert.Contains(text, line, StringComparison.Ordinal);
    }
}
