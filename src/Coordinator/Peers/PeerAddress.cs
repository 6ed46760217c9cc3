using System.Net;
using System.Net.Sockets;

namespace Lockstep.Coordinator.Peers;

/// <summary>Compares addresses of coordinators, as users write them.</summary>
public static class PeerAddress
{
    /// <summary>Whether a name or address with a port denotes this address and port.</summary>
    public static bool IsAt(DnsEndPoint place, IPEndPoint address)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(address);
        if (place.Port != address.Port)
            return false;
        try
        {
            return Dns.GetHostAddresses(place.Host).Contains(address.Address);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
