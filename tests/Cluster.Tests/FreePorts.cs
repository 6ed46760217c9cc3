using System.Net;
using System.Net.Sockets;

namespace Lockstep.Cluster.Tests;

/// <summary>Ports for a coordinator that is started twice at the same address.</summary>
internal static class FreePorts
{
    // Below those that the system gives to whoever asks for any, so that nobody gets them by chance in between.
    private const int First = 20_000, End = 30_000;

    /// <summary>A free port whose next one, that of the tensor stream, is free too.</summary>
    public static int Pair()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, End);
            if (IsFree(port) && IsFree(port + 1))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
