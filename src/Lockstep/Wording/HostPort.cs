using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lockstep.Wording;

/// <summary>A host name or address and a port.</summary>
internal sealed record HostPort(string Host, int Port)
{
    /// <summary>Reads HOST:PORT; an IPv6 address stands in brackets.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static HostPort Parse(string text, int lowestPort)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
            throw new FormatException(
                $"only host and port are taken, without '{text[..(scheme + 3)]}': {text[(scheme + 3)..].Split('/')[0]}");
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || text.EndsWith(']'))
            throw new FormatException("without a port");
        string host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            throw new FormatException("an IPv6 address needs brackets, such as [::1]:4053");
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw new FormatException($"'{host}' is not a host name or address");
        if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port < lowestPort || port > IPEndPoint.MaxPort)
            throw new FormatException($"'{text[(colon + 1)..]}' is not a port");
        return new HostPort(host, port);
    }

    /// <summary>Reads the address of a coordinator.</summary>
    /// <exception cref="RequestException">The text is not HOST:PORT.</exception>
    public static DnsEndPoint ParseToJoin(string text)
    {
        try
        {
            var place = Parse(text, lowestPort: 1);
            return new DnsEndPoint(place.Host, place.Port);
        }
        catch (FormatException e)
        {
            throw new RequestException($"'{text}' is no address to join: {e.Message}; expected HOST:PORT with a port from 1 to 65535.", e);
        }
    }

    /// <summary>Resolves the address; prefers IPv4.</summary>
    /// <param name="option">Name of the option, for the message.</param>
    /// <exception cref="RequestException">The host has no address.</exception>
    public IPEndPoint Resolve(string option)
    {
        // The resolver takes addresses as names, except 0.0.0.0.
        if (IPAddress.TryParse(Host, out IPAddress? literal))
            return new IPEndPoint(literal, Port);
        IPAddress[] addresses;
        try
        {
            addresses = Dns.GetHostAddresses(Host);
        }
        catch (SocketException e)
        {
            throw new RequestException($"{option} {this}: '{Host}' is not the name or address of a machine ({e.Message}).", e);
        }

        IPAddress address = addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        return new IPEndPoint(address, Port);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
