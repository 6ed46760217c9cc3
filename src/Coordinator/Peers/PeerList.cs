using System.Net;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Peers;

/// <summary>The coordinators of a run, and this one's place among them.</summary>
/// <param name="Self">This coordinator's index in the list.</param>
/// <param name="Names">All coordinators, as HOST:PORT.</param>
/// <param name="Times">How long to wait for them.</param>
internal sealed record PeerList(int Self, IReadOnlyList<string> Names, LeadershipTimes Times)
{
    // As in the cluster's failure detector: on one machine, packets are late only because the machine is busy.
    internal static readonly LeadershipTimes Loopback = new(
        TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(500));
    private static readonly LeadershipTimes Network = Loopback with { Silence = TimeSpan.FromSeconds(5) };

    /// <summary>The list of a training.</summary>
    /// <param name="options">The training.</param>
    /// <exception cref="ArgumentException">This coordinator is not among the peers.</exception>
    public static PeerList Of(TrainingOptions options)
    {
        IPEndPoint own = options.Advertise ?? options.Listen;
        if (options.Peers.Count == 0)
            return new PeerList(0, [own.ToString()], Loopback);
        int place = options.Peers.ToList().FindIndex(peer => PeerAddress.IsAt(peer, own));
        if (place < 0)
            throw new ArgumentException($"This coordinator, {own}, is not among its peers.");
        return new PeerList(place, [.. options.Peers.Select(NameOf)], IPAddress.IsLoopback(own.Address) ? Loopback : Network);
    }

    /// <summary>Opens streams to all other coordinators.</summary>
    public PeerDialer?[] Dial(TrainingOptions options, IMailbox leadership)
    {
        var dialers = new PeerDialer?[Names.Count];
        for (int peer = 0; peer < Names.Count; peer++)
        {
            if (peer == Self)
                continue;
            dialers[peer] = new PeerDialer(peer, options.Peers[peer], Names[Self], options, Times.Silence, leadership);
            dialers[peer]!.Start();
        }

        return dialers;
    }

    private static string NameOf(DnsEndPoint peer) =>
        peer.Host.Contains(':', StringComparison.Ordinal) ? $"[{peer.Host}]:{peer.Port}" : $"{peer.Host}:{peer.Port}";
}
