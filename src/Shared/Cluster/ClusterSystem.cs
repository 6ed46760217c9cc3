using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Lockstep.Shared.Secrets;
using Microsoft.Extensions.Logging;

namespace Lockstep.Shared.Cluster;

/// <summary>Starts the actor systems of nodes and lets them join a cluster.</summary>
public static class ClusterSystem
{
    /// <summary>Starts a node, which is a member of no cluster yet.</summary>
    /// <param name="role">What the node does.</param>
    /// <param name="listen">Where it listens; port 0 takes a free one.</param>
    /// <param name="loggers">Gets what Akka has to say, from warnings on.</param>
    /// <param name="settings">More settings of the caller, such as dispatchers of its own.</param>
    /// <param name="advertise">Address and port at which others reach this node; null is that of <paramref name="listen"/>.</param>
    /// <param name="secret">What it proves to every other node, and they to it; null for a cluster of this machine without one.</param>
    /// <exception cref="SecretException">There is no secret, and other machines could connect.</exception>
    public static ActorSystem Start(
        ClusterRole role, IPEndPoint listen, ILoggerFactory loggers, Config? settings = null, IPEndPoint? advertise = null,
        ClusterSecret? secret = null)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        ClusterSecret.Require(secret, listen, advertise);
        Config config = ClusterConfig.For(role, listen, advertise);
        if (settings is not null)
            config = settings.WithFallback(config);
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new AkkaLogSetup(loggers), new SecretSetup(secret));
        var system = ActorSystem.Create(ClusterConfig.SystemName, setup);
        ClusterMeter.Start(system);
        return system;
    }

    /// <summary>Joins a cluster. That goes on in the background, until it succeeds or the system ends.</summary>
    /// <param name="system">The node.</param>
    /// <param name="seed">The coordinator to join; null makes this node the first of a new cluster.</param>
    public static void Join(ActorSystem system, IPEndPoint? seed)
    {
        Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(system);
        cluster.Join(seed is null ? cluster.SelfAddress : new Address("akka.tcp", ClusterConfig.SystemName, seed.Address.ToString(), seed.Port));
    }
}
