using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

public sealed class CoordinatorDecidesTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly RecordingLogger _log = new();
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (ActorSystem system in _systems.AsEnumerable().Reverse())
            await system.Terminate();
    }

    /// <summary>The two still hear the other worker, and it hears both: Akka's own strategies would remove both.</summary>
    [Fact]
    public async Task Partition_BetweenCoordinatorAndOneWorkerAlone_RemovesThatWorkerOnly()
    {
        int port = FreePort();
        using var relay = new HeldRelay(new IPEndPoint(IPAddress.Loopback, port));
        ActorSystem coordinator = Start(ClusterRole.Coordinator, new IPEndPoint(IPAddress.Loopback, port), seed: null, relay.EndPoint);
        ActorSystem lost = Start(ClusterRole.Worker, new IPEndPoint(IPAddress.Loopback, 0), relay.EndPoint);
        await Next(Events(coordinator, typeof(ClusterEvent.MemberUp)), count: 2, "the first worker up");
        IReadOnlyList<HeldRelay.Connection> connections = relay.Connections;
        ActorSystem kept = Start(ClusterRole.Worker, new IPEndPoint(IPAddress.Loopback, 0), relay.EndPoint);
        await Next(Events(coordinator, typeof(ClusterEvent.MemberUp)), count: 3, "the second worker up");
        await Next(Events(lost, typeof(ClusterEvent.MemberUp)), count: 3, "the second worker up, as the first sees it");
        ChannelReader<object> removals = Events(coordinator, typeof(ClusterEvent.MemberRemoved));

        foreach (HeldRelay.Connection connection in connections)
            connection.Hold();

        object removed = await Next(removals, count: 1, "the removal of the worker");
        Assert.Equal(AkkaCluster.Get(lost).SelfAddress, Assert.IsType<ClusterEvent.MemberRemoved>(removed).Member.Address);
        await lost.WhenTerminated.WaitAsync(Deadline);
        ChannelReader<object> inbox = Inbox(coordinator);
        kept.ActorSelection($"akka.tcp://lockstep@{relay.EndPoint}/user/inbox").Tell(new JoinRefused("still here"));
        Assert.Equal(new JoinRefused("still here"), await Next(inbox, count: 1, "a message of the worker that stayed"));
        Assert.Equal([AkkaCluster.Get(coordinator).SelfAddress, AkkaCluster.Get(kept).SelfAddress],
            AkkaCluster.Get(coordinator).State.Members.Select(member => member.Address).OrderBy(address => address != AkkaCluster.Get(coordinator).SelfAddress));
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static async Task<object> Next(ChannelReader<object> messages, int count, string waitingFor)
    {
        object message = null!;
        try
        {
            for (int i = 0; i < count; i++)
                message = await messages.ReadAsync().AsTask().WaitAsync(Deadline);
            return message;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited for {waitingFor}.");
        }
    }

    private static ChannelReader<object> Events(ActorSystem system, Type kind)
    {
        var events = Channel.CreateUnbounded<object>();
        IActorRef listener = system.ActorOf(Props.Create(() => new Forwarder(events.Writer)));
        AkkaCluster.Get(system).Subscribe(listener, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, kind);
        return events.Reader;
    }

    private static ChannelReader<object> Inbox(ActorSystem system)
    {
        var received = Channel.CreateUnbounded<object>();
        system.ActorOf(Props.Create(() => new Forwarder(received.Writer)), "inbox");
        return received.Reader;
    }

    private ActorSystem Start(ClusterRole role, IPEndPoint listen, IPEndPoint? seed, IPEndPoint? advertise = null)
    {
        ActorSystem system = ClusterSystem.Start(role, listen, _log, advertise: advertise);
        ClusterSystem.Join(system, seed is null ? [] : [new Seed(seed)]);
        _systems.Add(system);
        return system;
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(ChannelWriter<object> to) => ReceiveAny(message => to.TryWrite(message));
    }
}
