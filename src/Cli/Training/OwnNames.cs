using System.Net;
using System.Net.Sockets;
using Lockstep.Cli.Options;
using Lockstep.Coordinator.Peers;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>
/// Waits for names of this machine that are not known yet: a container's name comes into DNS some time after the container.
/// </summary>
internal static class OwnNames
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Waits until <c>--listen</c>, <c>--advertise</c> and <c>--http</c> have addresses and, with <c>--peers</c>, until one of these is
    /// this coordinator. Gives up after <c>--worker-timeout</c> without a word: whoever needs the names says what is wrong.
    /// </summary>
    /// <param name="settings">The options.</param>
    /// <param name="say">Told what is waited for.</param>
    /// <param name="stop">Ends the waiting.</param>
    public static async Task AwaitAsync(Settings settings, Action<string> say, CancellationToken stop)
    {
        TimeSpan left = TimeSpan.FromSeconds(settings.Get(NetworkOptions.WorkerTimeout));
        HostPort?[] own = [
            settings.Find(NetworkOptions.Listen), settings.Find(NetworkOptions.Advertise), settings.Find(NetworkOptions.Http),
        ];
        IReadOnlyList<HostPort> peers = settings.Find(NetworkOptions.Peers) is { } list ? Kinds.JoinPlaces(list) : [];
        for (bool isTold = false; Unknown() is { } name && left > TimeSpan.Zero; left -= LookAgainAfter)
        {
            if (!isTold)
                say($"'{name}' is not a known host name. Trying for {left.TotalSeconds:0.#} s.");
            isTold = true;
            await Task.Delay(LookAgainAfter, stop);
        }

        string? Unknown()
        {
            HostPort? unknown = own.FirstOrDefault(place => place is not null && !IsKnown(place.Host));
            if (unknown is not null || peers.Count == 0 || (own[1] ?? own[0])?.Resolve(NetworkOptions.Listen.Name) is not { } address)
                return unknown?.Host;
            return peers.Any(peer => PeerAddress.IsAt(new DnsEndPoint(peer.Host, peer.Port), address))
                ? null
                : peers.FirstOrDefault(peer => !IsKnown(peer.Host))?.Host;
        }
    }

    private static bool IsKnown(string host)
    {
        try
        {
            return IPAddress.TryParse(host, out _) || Dns.GetHostAddresses(host).Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
