using System.Globalization;
using System.Net;

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

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
