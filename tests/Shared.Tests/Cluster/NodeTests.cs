using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

/// <summary>Real actor systems of one process over loopback, which end with the test.</summary>
public abstract class NodeTests : IAsyncLifetime
{
    protected static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly List<ActorSystem> _systems = [];

    private protected RecordingLogger Log { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Workers first: they take their leave of a coordinator that is still there.</summary>
    public virtual async Task DisposeAsync()
    {
        foreach (ActorSystem system in _systems.AsEnumerable().Reverse())
            await system.Terminate();
    }

    /// <summary>Starts a node and lets it join; without a seed, a cluster of its own.</summary>
    private protected ActorSystem StartNode(
        ClusterRole role, Seed? seed, IPEndPoint? listen = null, IPEndPoint? advertise = null, Config? settings = null,
        ClusterSecret? secret = null,
        ClusterTls? tls = null)
    {
        ActorSystem system = EndLater(
            ClusterSystem.Start(role, listen ?? new IPEndPoint(IPAddress.Loopback, 0), Log, settings, advertise, secret, tls));
        ClusterSystem.Join(system, seed is { } known ? ClusterSystem.AddressesOf(system, [known])[0] : null);
        return system;
    }

    private protected ActorSystem EndLater(ActorSystem system)
    {
        _systems.Add(system);
        return system;
    }

    private protected static IPEndPoint AddressOf(ActorSystem system)
    {
        Address address = AkkaCluster.Get(system).SelfAddress;
        return new IPEndPoint(IPAddress.Parse(address.Host), address.Port!.Value);
    }

    /// <summary>Nobody but the node itself, which may not be up yet.</summary>
    private protected static void AssertNobodyElseIsMember(ActorSystem system) =>
        Assert.DoesNotContain(AkkaCluster.Get(system).State.Members, member => member.Address.Port != AddressOf(system).Port);

    /// <summary>What the cluster tells, from what it knows already on.</summary>
    private protected static ChannelReader<object> Members(ActorSystem system, Type? kind = null)
    {
        (ChannelReader<object> events, IActorRef listener) = Listener(system, name: null);
        AkkaCluster.Get(system)
            .Subscribe(listener, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, kind ?? typeof(ClusterEvent.MemberUp));
        return events;
    }

    /// <summary>What the system publishes.</summary>
    private protected static ChannelReader<object> Events(ActorSystem system, params Type[] kinds)
    {
        (ChannelReader<object> events, IActorRef listener) = Listener(system, name: null);
        foreach (Type kind in kinds)
            system.EventStream.Subscribe(listener, kind);
        return events;
    }

    private protected static ChannelReader<object> Refusals(ActorSystem system) => Events(system, typeof(PeerRefused));

    /// <summary>What is sent to /user/inbox.</summary>
    private protected static ChannelReader<object> Inbox(ActorSystem system) => Listener(system, "inbox").Events;

    private protected static Task<object> Next(ChannelReader<object> messages) => messages.ReadAsync().AsTask().WaitAsync(Deadline);

    private static (ChannelReader<object> Events, IActorRef Actor) Listener(ActorSystem system, string? name)
    {
        var received = Channel.CreateUnbounded<object>();
        return (received.Reader, system.ActorOf(Props.Create(() => new Forwarder(received.Writer)), name));
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(ChannelWriter<object> to) => ReceiveAny(message => to.TryWrite(message));
    }
}
