using System.Net;
using System.Net.Sockets;

namespace Lockstep.Shared.Tests.Cluster;

/// <summary>Passes connections on to another port, and can stop to pass any of them without a word to either side: a partition.</summary>
internal sealed class HeldRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly List<Connection> _connections = [];

    public HeldRelay(IPEndPoint target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Those that there have been so far.</summary>
    public IReadOnlyList<Connection> Connections
    {
        get
        {
            lock (_connections)
                return [.. _connections];
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Connection connection in Connections)
            connection.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient from = await _listener.AcceptTcpClientAsync(), to = new();
                var connection = new Connection(from, to);
                lock (_connections)
                    _connections.Add(connection);
                _ = connection.RunAsync(_target);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    internal sealed class Connection(TcpClient from, TcpClient to) : IDisposable
    {
        private volatile bool _isHeld;

        public void Hold() => _isHeld = true;

        public async Task RunAsync(IPEndPoint target)
        {
            try
            {
                await to.ConnectAsync(target);
                await Task.WhenAny(PumpAsync(from, to), PumpAsync(to, from));
            }
            catch (SocketException)
            {
                // Nobody listens there yet.
            }

            if (!_isHeld)
                Dispose();
        }

        public void Dispose()
        {
            from.Dispose();
            to.Dispose();
        }

        private async Task PumpAsync(TcpClient source, TcpClient target)
        {
            byte[] buffer = new byte[1 << 16];
            try
            {
                int read;
                while ((read = await source.GetStream().ReadAsync(buffer)) > 0)
                {
                    if (!_isHeld)
                        await target.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The end of a connection.
            }
        }
    }
}
