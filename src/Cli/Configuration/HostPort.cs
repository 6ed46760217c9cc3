using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lockstep.Cli.Configuration;

/// <summary>A host name or address and a port.</summary>
internal sealed record HostPort(string Host, int Port)
{
    /// <summary>Reads HOST:PORT; an IPv6 address stands in brackets.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static HostPort Parse(string text, int lowestPort)
    {
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
        if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port < lowestPort || port > IPEndPoint.MaxPort)
            throw new FormatException($"'{text[(colon + 1)..]}' is not a port");
        return new HostPort(host, port);
    }

    /// <summary>The address; of those that a name has, one of IPv4 where there is one.</summary>
    /// <param name="option">Which option gave it.</param>
    /// <exception cref="UserErrorException">The host has none.</exception>
    public IPEndPoint Resolve(OptionDescriptor option)
    {
        // The resolver takes addresses for names, but for the one that stands for all.
        if (IPAddress.TryParse(Host, out IPAddress? literal))
            return new IPEndPoint(literal, Port);
        IPAddress[] addresses;
        try
        {
            addresses = Dns.GetHostAddresses(Host);
        }
        catch (SocketException e)
        {
            throw new UserErrorException($"{option.Name} {this}: '{Host}' is not the name or address of a machine ({e.Message}).", e);
        }

        IPAddress address = addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        return new IPEndPoint(address, Port);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
