using System.Net.Sockets;

namespace Lockstep.Chaos.Network;

/// <summary>One connection to a coordinator: two threads forward bytes, one each way, as the links of both ends allow.</summary>
internal sealed class ProxiedConnection
{
    // Larger than a socket's buffer only adds delay.
    private const int BufferBytes = 256 << 10;

    private readonly Socket _client, _coordinator;
    private readonly Link[] _links;
    private readonly Action<ReadOnlySpan<byte>>? _onReceived;
    private readonly Action _onEnded;
    private int _ways = 2;

    /// <summary>A connection that does not forward yet.</summary>
    /// <param name="client">The accepted connection.</param>
    /// <param name="coordinator">The connection to the coordinator.</param>
    /// <param name="links">The links of both ends.</param>
    /// <param name="onReceived">Sees what the coordinator sends.</param>
    /// <param name="onEnded">Called when both directions have ended.</param>
    public ProxiedConnection(Socket client, Socket coordinator, Link[] links, Action<ReadOnlySpan<byte>>? onReceived, Action onEnded)
    {
        (_client, _coordinator, _links, _onReceived, _onEnded) = (client, coordinator, links, onReceived, onEnded);
        client.NoDelay = coordinator.NoDelay = true;
    }

    public void Start()
    {
        Run(() => Pump(_client, _coordinator, onPassing: null));
        Run(() => Pump(_coordinator, _client, _onReceived));
    }

    /// <summary>Resets both sides, as after a machine's restart.</summary>
    public void Reset()
    {
        foreach (Socket socket in new[] { _client, _coordinator })
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Already ended.
            }

            socket.Dispose();
        }
    }

    private void Run(Action way) => new Thread(() =>
    {
        try
        {
            way();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Reset();
        }

        if (Interlocked.Decrement(ref _ways) > 0)
            return;
        _client.Dispose();
        _coordinator.Dispose();
        foreach (Link link in _links)
            link.Remove(this);
        _onEnded();
    })
    { IsBackground = true, Name = "proxied connection" }.Start();

    private void Pump(Socket from, Socket to, Action<ReadOnlySpan<byte>>? onPassing)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        while (true)
        {
            int received = from.Receive(buffer);
            foreach (Link link in _links)
                link.Pass(received);
            if (received == 0)
                break;
            onPassing?.Invoke(buffer.AsSpan(0, received));
            for (int sent = 0; sent < received;)
                sent += to.Send(buffer, sent, received - sent, SocketFlags.None);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
