using System.Net;
using System.Net.Sockets;

namespace Lockstep.Cli.Chaos.Network;

/// <summary>Two ports in a row on 127.0.0.1: the cluster's and the tensor stream's.</summary>
internal static class PortPair
{
    // Below those that systems give to outgoing connections, which would come in between.
    private const int Lowest = 20_000, Highest = 30_000, Attempts = 200;

    /// <summary>Listens on a pair that is free.</summary>
    public static (Socket First, Socket Second) Listen()
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = Random.Shared.Next(Lowest, Highest);
            try
            {
                Socket first = Listen(port);
                try
                {
                    return (first, Listen(port + 1));
                }
                catch
                {
                    first.Dispose();
                    throw;
                }
            }
            catch (SocketException e)
            {
                if (attempt == Attempts)
                    throw new UserErrorException($"No two free ports in a row were found between {Lowest} and {Highest} on 127.0.0.1: {e.Message}.", e);
            }
        }
    }

    /// <summary>Finds a pair that is free now.</summary>
    public static IPEndPoint Find()
    {
        (Socket first, Socket second) = Listen();
        using (first)
        using (second)
            return (IPEndPoint)first.LocalEndPoint!;
    }

    private static Socket Listen(int port)
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
