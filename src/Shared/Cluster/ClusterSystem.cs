using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;
using Microsoft.Extensions.Logging;

namespace Lockstep.Shared.Cluster;

/// <summary>Starts the actor systems of nodes and lets them join a cluster.</summary>
public static class ClusterSystem
{
    /// <summary>Starts a system of actors that others cannot reach, in a third of the time of a node.</summary>
    /// <param name="loggers">Receives Akka's warnings and errors.</param>
    /// <param name="settings">Further settings, such as dispatchers.</param>
    public static ActorSystem StartLocal(ILoggerFactory loggers, Config settings)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(settings);
        return ActorSystem.Create(
            ClusterConfig.SystemName,
            ActorSystemSetup.Create(
                BootstrapSetup.Create().WithConfig(settings.WithFallback(ClusterConfig.Local)), new AkkaLogSetup(loggers)));
    }

    /// <summary>Starts a node that is not yet a member of a cluster.</summary>
    /// <param name="role">The role of the node.</param>
    /// <param name="listen">Where it listens; port 0 takes a free one.</param>
    /// <param name="loggers">Receives Akka's warnings and errors.</param>
    /// <param name="settings">Further settings.</param>
    /// <param name="advertise">Address and port at which others reach this node; null for <paramref name="listen"/>.</param>
    /// <param name="secret">The secret that all nodes prove to each other; null for none, on loopback only.</param>
    /// <param name="tls">This node's certificate, and the CA it trusts; null for no TLS.</param>
    /// <exception cref="SecretException">There is neither secret nor TLS, and other machines could connect.</exception>
    public static ActorSystem Start(
        ClusterRole role, IPEndPoint listen, ILoggerFactory loggers, Config? settings = null, IPEndPoint? advertise = null,
        ClusterSecret? secret = null, ClusterTls? tls = null)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        ClusterSecret.Require(secret, tls, listen, advertise);
        Config config = ClusterConfig.For(role, listen, advertise);
        if (settings is not null)
            config = settings.WithFallback(config);
        var setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(config), new AkkaLogSetup(loggers), new SecretSetup(secret, tls));
        var system = ActorSystem.Create(ClusterConfig.SystemName, setup);
        ClusterMeter.Start(system);
        return system;
    }

    /// <summary>Joins a cluster in the background, retrying until it succeeds or the system ends.</summary>
    /// <param name="system">The node.</param>
    /// <param name="coordinator">The coordinator to join; null makes this node the first of a new cluster.</param>
    public static void Join(ActorSystem system, Address? coordinator = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(system);
        cluster.Join(coordinator ?? cluster.SelfAddress);
    }

    /// <summary>The addresses of coordinators. With TLS, their certificates must be for their names.</summary>
    public static IReadOnlyList<Address> AddressesOf(ActorSystem system, IReadOnlyList<Seed> seeds)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(seeds);
        foreach (Seed seed in seeds)
        {
            if (seed.Name is not null && system.Settings.Setup.Get<SecretSetup>() is { HasValue: true } setup)
                setup.Value.Names[seed.Place] = seed.Name;
        }

        return [.. seeds.Select(seed => new Address("akka.tcp", ClusterConfig.SystemName, HostOf(seed.Place.Address), seed.Place.Port))];
    }

    // Nodes write IPv6 addresses in brackets.
    private static string HostOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
