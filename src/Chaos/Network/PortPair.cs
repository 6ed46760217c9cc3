using System.Net;
using System.Net.Sockets;

namespace Lockstep.Chaos.Network;

/// <summary>Two ports in a row on 127.0.0.1: the cluster's and the tensor stream's.</summary>
internal static class PortPair
{
    // Below the ports of outgoing connections, which could take one of a pair.
    private const int Lowest = 20_000, Highest = 30_000, Attempts = 200;

    private static int _last = Random.Shared.Next(Highest - Lowest);

    /// <summary>Finds a free pair, each time another one.</summary>
    public static IPEndPoint Find()
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = Lowest + Interlocked.Add(ref _last, 2) % (Highest - Lowest);
            try
            {
                (Socket first, Socket second) = Listen(port);
                using (first)
                using (second)
                    return (IPEndPoint)first.LocalEndPoint!;
            }
            catch (SocketException e)
            {
                if (attempt == Attempts)
                    throw new RequestException($"No two free ports in a row were found between {Lowest} and {Highest} on 127.0.0.1: "
                        + $"{e.Message}.", e);
            }
        }
    }

    /// <summary>Listens on a port and the one after it.</summary>
    /// <exception cref="SocketException">One of them is taken.</exception>
    public static (Socket First, Socket Second) Listen(int port)
    {
        Socket first = ListenOn(port);
        try
        {
            return (first, ListenOn(port + 1));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private static Socket ListenOn(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
