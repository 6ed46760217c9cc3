using System.Net;
using System.Net.Sockets;

namespace Lockstep.Cli.Chaos.Network;

/// <summary>
/// Stands where the coordinator is advertised and passes the connections of workers on to where it listens: the cluster's port, and the tensor
/// stream's after it. Every worker has a <see cref="Link"/> that can be cut, held and throttled.
/// </summary>
internal sealed class ClusterProxy : IDisposable
{
    private readonly Func<int, int, int?> _workerOf;
    private readonly IStreamWatch _watch;
    private readonly Socket[] _listeners;
    private readonly Dictionary<int, Link> _links = [];
    private volatile bool _isClosed;

    /// <summary>Finds free ports and begins.</summary>
    /// <param name="workerOf">Number of the worker whose connection leads from one local port to another; null for nobody's.</param>
    /// <param name="watch">Told what passes.</param>
    public ClusterProxy(Func<int, int, int?> workerOf, IStreamWatch watch)
    {
        (_workerOf, _watch) = (workerOf, watch);
        (Socket cluster, Socket stream) = PortPair.Listen();
        _listeners = [cluster, stream];
        Advertised = (IPEndPoint)cluster.LocalEndPoint!;
        Coordinator = PortPair.Find();
        for (int i = 0; i < _listeners.Length; i++)
        {
            int index = i;
            new Thread(() => Accept(index)) { IsBackground = true, Name = "proxy" }.Start();
        }
    }

    /// <summary>Where workers are told that the coordinator is.</summary>
    public IPEndPoint Advertised { get; }

    /// <summary>Where it must listen.</summary>
    public IPEndPoint Coordinator { get; }

    /// <summary>What lies between a worker and the coordinator.</summary>
    public Link LinkOf(int worker)
    {
        lock (_links)
        {
            if (!_links.TryGetValue(worker, out Link? link))
                _links.Add(worker, link = new Link());
            return link;
        }
    }

    public void Dispose()
    {
        _isClosed = true;
        foreach (Socket listener in _listeners)
            listener.Dispose();
        lock (_links)
        {
            foreach (Link link in _links.Values)
                link.Close();
        }
    }

    private void Accept(int index)
    {
        while (!_isClosed)
        {
            try
            {
                Socket accepted = _listeners[index].Accept();
                new Thread(() => Connect(accepted, index)) { IsBackground = true, Name = "proxy" }.Start();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed, or a client that is gone again.
            }
        }
    }

    private void Connect(Socket accepted, int index)
    {
        Socket? onward = null;
        try
        {
            int from = ((IPEndPoint)accepted.RemoteEndPoint!).Port;
            if (_workerOf(from, Advertised.Port + index) is not { } worker)
            {
                accepted.Dispose();
                return;
            }

            // A partition lets no new connection through either.
            Link link = LinkOf(worker);
            link.Pass(0);
            onward = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            onward.Connect(Coordinator.Address, Coordinator.Port + index);
            bool isStream = index == 1;
            FrameFollower? follower = isStream ? new FrameFollower(header => _watch.FrameSent(worker, header)) : null;
            var connection = new ProxiedConnection(accepted, onward, link, follower is null ? null : follower.Follow, () =>
            {
                if (isStream)
                    _watch.StreamEnded(worker);
            });
            if (link.Add(connection))
                connection.Start();
            else
                connection.Reset();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // No coordinator at the moment, or no worker any more.
            accepted.Dispose();
            onward?.Dispose();
        }
    }
}
