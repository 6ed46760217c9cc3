using System.Net;
using System.Net.Sockets;

namespace Lockstep.Chaos.Network;

/// <summary>
/// Listens at a coordinator's advertised address and forwards the connections of workers and other coordinators to where it really listens:
/// the cluster's port, and the tensor stream's after it. All bytes pass the <see cref="Link"/> of both processes, each of which can be cut,
/// held and throttled.
/// </summary>
internal sealed class ClusterProxy : IDisposable
{
    private readonly int _number;
    private readonly Link _link;
    private readonly Func<int, int, ProxyClient?> _clientOf;
    private readonly IStreamWatch _watch;
    private readonly Lock _lock = new();
    private Socket[] _listeners = [];

    /// <summary>Finds free ports. Refuses connections until <see cref="Open"/>.</summary>
    /// <param name="number">The coordinator's number.</param>
    /// <param name="link">The coordinator's link to all others.</param>
    /// <param name="clientOf">Owner of the connection from one local port to another; null for none.</param>
    /// <param name="watch">Sees the frames.</param>
    public ClusterProxy(int number, Link link, Func<int, int, ProxyClient?> clientOf, IStreamWatch watch)
    {
        _number = number;
        _link = link;
        _clientOf = clientOf;
        _watch = watch;
        Advertised = PortPair.Find();
        Coordinator = PortPair.Find();
    }

    /// <summary>The advertised address.</summary>
    public IPEndPoint Advertised { get; }

    /// <summary>Where it must listen.</summary>
    public IPEndPoint Coordinator { get; }

    /// <summary>Accepts connections: the coordinator has a process.</summary>
    public void Open()
    {
        lock (_lock)
        {
            Close();
            (Socket cluster, Socket stream) = PortPair.Listen(Advertised.Port);
            _listeners = [cluster, stream];
            for (int i = 0; i < _listeners.Length; i++)
            {
                (Socket listener, int index) = (_listeners[i], i);
                new Thread(() => Accept(listener, index)) { IsBackground = true, Name = "proxy" }.Start();
            }
        }
    }

    /// <summary>Refuses connections, as where nobody listens: the coordinator has no process.</summary>
    public void Close()
    {
        lock (_lock)
        {
            foreach (Socket listener in _listeners)
                listener.Dispose();
            _listeners = [];
        }
    }

    public void Dispose()
    {
        Close();
        _link.Close();
    }

    private void Accept(Socket listener, int index)
    {
        while (true)
        {
            try
            {
                Socket accepted = listener.Accept();
                new Thread(() => Connect(accepted, index)) { IsBackground = true, Name = "proxy" }.Start();
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // The client has gone, or this is closed.
                if (e.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket)
                    return;
            }
        }
    }

    private void Connect(Socket accepted, int index)
    {
        Socket? onward = null;
        try
        {
            int from = ((IPEndPoint)accepted.RemoteEndPoint!).Port;
            if (_clientOf(from, Advertised.Port + index) is not { } client)
            {
                accepted.Dispose();
                return;
            }

            // A partition blocks new connections too.
            Link[] links = [client.Link, _link];
            foreach (Link link in links)
                link.Pass(0);
            onward = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            onward.Connect(Coordinator.Address, Coordinator.Port + index);
            FrameFollower? follower = null;
            Action onEnded = () => { };
            if (index == 1 && client.Worker is { } worker)
            {
                follower = new FrameFollower(header => _watch.FrameSent(_number, worker, header));
                onEnded = () => _watch.StreamEnded(_number, worker);
            }

            var connection = new ProxiedConnection(accepted, onward, links, follower is null ? null : follower.Follow, onEnded);
            if (links.All(link => link.Add(connection)))
                connection.Start();
            else
                connection.Reset();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The coordinator is down, or the worker has gone.
            accepted.Dispose();
            onward?.Dispose();
        }
    }
}
