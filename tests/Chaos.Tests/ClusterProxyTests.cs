using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Lockstep.Chaos.Network;
using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Tests;

public sealed class ClusterProxyTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly SeenFrames _seen = new();
    private readonly Link[] _links = [new(), new(), new(), new()];
    private readonly Link _link = new();
    private readonly ClusterProxy _proxy;
    private readonly TcpListener _cluster, _stream;
    private int? _worker = 2;

    public ClusterProxyTests()
    {
        _proxy = new ClusterProxy(1, _link, (_, _) => _worker is { } worker ? new ProxyClient(_links[worker], worker) : null, _seen);
        _cluster = new TcpListener(_proxy.Coordinator);
        _stream = new TcpListener(_proxy.Coordinator.Address, _proxy.Coordinator.Port + 1);
        _cluster.Start();
        _stream.Start();
        _proxy.Open();
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _cluster.Dispose();
        _stream.Dispose();
    }

    [Fact]
    public async Task Connection_ToTheClusterPort_PassesBothWaysUntilBothEnd()
    {
        (TcpClient worker, TcpClient coordinator) = await ConnectAsync(offset: 0);

        await SendAsync(worker, 1, 2, 3);
        Assert.Equal([1, 2, 3], await ReceiveAsync(coordinator, 3));
        await SendAsync(coordinator, 4);
        Assert.Equal([4], await ReceiveAsync(worker, 1));
        worker.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await coordinator.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Deadline));
        await SendAsync(coordinator, 5);
        Assert.Equal([5], await ReceiveAsync(worker, 1));
    }

    [Fact]
    public async Task Stream_Frames_AreSeenInWhateverPiecesTheyCome()
    {
        (TcpClient worker, TcpClient coordinator) = await ConnectAsync(offset: 1);
        byte[] bytes = [.. Frame(
            FrameKind.Assign, step: 0,
            payload: 100), .. Frame(FrameKind.Weights, step: 7, payload: 1000), .. Frame(FrameKind.Weights, step: 8, payload: 0)];
        foreach (byte[] piece in bytes.Chunk(37))
            await SendAsync(coordinator, piece);

        Assert.Equal(bytes, await ReceiveAsync(worker, bytes.Length));
        Assert.Equal((2, FrameKind.Assign, 0L), await _seen.NextAsync());
        Assert.Equal((2, FrameKind.Weights, 7L), await _seen.NextAsync());
        Assert.Equal((2, FrameKind.Weights, 8L), await _seen.NextAsync());
        worker.Dispose();
        coordinator.Dispose();
        await _seen.StreamEnd.Task.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Cut_EndsTheConnectionsThatThereAre_AndLetsNewOnesThrough()
    {
        (TcpClient worker, TcpClient coordinator) = await ConnectAsync(offset: 1);

        _links[2].Cut();

        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(worker, 1));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(coordinator, 1));
        (worker, coordinator) = await ConnectAsync(offset: 1);
        await SendAsync(worker, 9);
        Assert.Equal([9], await ReceiveAsync(coordinator, 1));
    }

    [Fact]
    public async Task Hold_NothingPasses_UntilItIsReleased()
    {
        (TcpClient worker, TcpClient coordinator) = await ConnectAsync(offset: 0);
        _worker = 3;
        (TcpClient other, TcpClient toOther) = await ConnectAsync(offset: 0);
        _links[2].Hold();

        await SendAsync(worker, 1);
        Task<byte[]> held = ReceiveAsync(coordinator, 1);
        await SendAsync(other, 2);

        // Another worker's connection shows that the proxy is at work.
        Assert.Equal([2], await ReceiveAsync(toOther, 1));
        Assert.False(held.IsCompleted);
        _links[2].Release();
        Assert.Equal([1], await held);
    }

    [Fact]
    public async Task Hold_OfTheCoordinator_HoldsEverybody()
    {
        (TcpClient worker, TcpClient coordinator) = await ConnectAsync(offset: 0);
        _link.Hold();
        await SendAsync(worker, 1);
        Task<byte[]> held = ReceiveAsync(coordinator, 1);
        _link.Cut();

        // What was held is lost with its connection.
        await Assert.ThrowsAsync<SocketException>(() => held);
    }

    [Fact]
    public async Task Close_ConnectionsAreRefused_UntilItIsOpenAgain()
    {
        _proxy.Close();
        using var worker = new TcpClient();
        Assert.Equal(
            SocketError.ConnectionRefused,
            (await Assert.ThrowsAsync<SocketException>(() => worker.ConnectAsync(_proxy.Advertised))).SocketErrorCode);
        _proxy.Open();

        _ = await ConnectAsync(offset: 1);
    }

    [Fact]
    public async Task Connection_OfNobodyKnown_IsClosed()
    {
        _worker = null;
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(_proxy.Advertised);

        Assert.Equal(0, await stranger.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Deadline));
    }

    [Fact]
    public async Task OfConnection_AndListener_AreFoundAmongProcesses()
    {
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)_cluster.LocalEndpoint);
        int from = ((IPEndPoint)client.Client.LocalEndPoint!).Port, to = _proxy.Coordinator.Port;

        Assert.Equal(Environment.ProcessId, SocketOwner.OfConnection(from, to, [1, Environment.ProcessId]));
        Assert.Null(SocketOwner.OfConnection(from, to + 1, [Environment.ProcessId]));
        Assert.Null(SocketOwner.OfConnection(from, to, []));
        Assert.Equal(Environment.ProcessId, SocketOwner.OfListener(to, [Environment.ProcessId]));
    }

    private static byte[] Frame(FrameKind kind, long step, int payload)
    {
        byte[] bytes = new byte[FrameHeader.Size + payload];
        new FrameHeader { Kind = kind, Step = step, PayloadLength = payload }.Write(bytes);
        bytes.AsSpan(FrameHeader.Size).Fill((byte)'L');
        return bytes;
    }

    private static async Task SendAsync(TcpClient to, params byte[] bytes) =>
        await to.GetStream().WriteAsync(bytes).AsTask().WaitAsync(Deadline);

    private static async Task<byte[]> ReceiveAsync(TcpClient from, int count)
    {
        // Not by its stream, which a client that has shut down its side does not give.
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int received = await from.Client.ReceiveAsync(bytes.AsMemory(have)).AsTask().WaitAsync(Deadline);
            Assert.NotEqual(0, received);
            have += received;
        }

        return bytes;
    }

    private async Task<(TcpClient Worker, TcpClient Coordinator)> ConnectAsync(int offset)
    {
        var worker = new TcpClient();
        await worker.ConnectAsync(_proxy.Advertised.Address, _proxy.Advertised.Port + offset);
        return (worker, await (offset == 0 ? _cluster : _stream).AcceptTcpClientAsync().WaitAsync(Deadline));
    }

    private sealed class SeenFrames : IStreamWatch
    {
        private readonly Channel<(int, FrameKind, long)> _frames = Channel.CreateUnbounded<(int, FrameKind, long)>();

        public TaskCompletionSource StreamEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(int Worker, FrameKind Kind, long Step)> NextAsync() => _frames.Reader.ReadAsync().AsTask().WaitAsync(Deadline);

        public void FrameSent(int coordinator, int worker, FrameHeader frame) => _frames.Writer.TryWrite((worker, frame.Kind, frame.Step));

        public void StreamEnded(int coordinator, int worker) => StreamEnd.TrySetResult();
    }
}
