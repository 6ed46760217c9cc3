using System.Net;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Training;
using Lockstep.Coordinator.Peers;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli.Commands;

/// <summary><c>coordinator</c>: the coordinator alone; workers join by themselves.</summary>
internal static class CoordinatorCommand
{
    public static Task<int> RunAsync(Invocation invocation) => new TrainingSession(invocation, Plan).RunAsync();

    /// <summary>Where a coordinator listens that is not told: on this machine only.</summary>
    public static HostPort ListenOf(Settings settings) => settings.Find(OptionTable.Listen) ?? new HostPort("127.0.0.1", 0);

    private static ClusterPlan Plan(Settings settings)
    {
        (IPEndPoint listen, IPEndPoint? advertise) = Addresses(settings, ListenOf(settings));
        var plan = new ClusterPlan(
            listen, Launches: [], settings.Text(OptionTable.MinWorkers) is null ? 1 : (int)settings.Get(OptionTable.MinWorkers), advertise,
            settings.Find(OptionTable.SecretFile) is { } file ? ClusterSecret.Read(file) : null,
            settings.Find(OptionTable.TlsFolder) is { } folder ? ClusterTls.Read(folder) : null)
        {
            Peers = PeersOf(settings, advertise ?? listen),
        };
        ClusterSecret.Require(plan.Secret, plan.Tls, plan.Listen, plan.Advertise);
        return plan;
    }

    /// <summary>Where a coordinator listens, and where workers reach it, if not there.</summary>
    /// <exception cref="UserErrorException">The two do not fit each other, or workers could not be told where to join.</exception>
    public static (IPEndPoint Listen, IPEndPoint? Advertise) Addresses(Settings settings, HostPort listen)
    {
        HostPort? advertise = settings.Find(OptionTable.Advertise);
        if (advertise is null && IsEveryAddress(listen))
        {
            throw new UserErrorException($"--listen {listen} stands for every address of this machine, but workers must be told one. "
                + $"Give the address by which they reach this machine, or say it with {OptionTable.Advertise.Name}.");
        }

        if (advertise is not null && IsEveryAddress(advertise))
            throw new UserErrorException($"{OptionTable.Advertise.Name} {advertise} stands for every address of a machine, but workers must be told one. Give the address by which they reach this machine.");
        if (advertise is not null && listen.Port is (0 or IPEndPoint.MaxPort))
        {
            throw new UserErrorException($"{OptionTable.Advertise.Name} {advertise} leads to ports that are known beforehand, but {OptionTable.Listen.Name} {listen} takes a free one. "
                + $"Give {OptionTable.Listen.Name} a port from 1 to 65534.");
        }

        return (listen.Resolve(OptionTable.Listen), advertise?.Resolve(OptionTable.Advertise));
    }

    private static DnsEndPoint[] PeersOf(Settings settings, IPEndPoint own)
    {
        if (settings.Find(OptionTable.Peers) is not { } text)
            return [];
        DnsEndPoint[] peers = [.. Kinds.JoinPlaces(text).Select(place => new DnsEndPoint(place.Host, place.Port))];
        if (own.Port == 0)
            throw new UserErrorException($"{OptionTable.Peers.Name} {text} leads to ports that are known beforehand, but this coordinator takes a free one. Give its own address from that list with {OptionTable.Listen.Name}.");
        if (!Array.Exists(peers, peer => PeerAddress.IsAt(peer, own)))
        {
            throw new UserErrorException($"{OptionTable.Peers.Name} {text} names all coordinators of the run, and this one, {own}, is not among them. "
                + $"Add it, or give its address from that list with {OptionTable.Listen.Name} or {OptionTable.Advertise.Name}.");
        }

        return peers;
    }

    private static bool IsEveryAddress(HostPort address) =>
        IPAddress.TryParse(address.Host, out IPAddress? literal) && (literal.Equals(IPAddress.Any) || literal.Equals(IPAddress.IPv6Any));
}
