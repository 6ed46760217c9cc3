using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

public sealed class CoordinatorDecidesTests : NodeTests
{
    /// <summary>The two still hear the other worker, and it hears both: Akka's own strategies would remove both.</summary>
    [Fact]
    public async Task Partition_BetweenCoordinatorAndOneWorkerAlone_RemovesThatWorkerOnly()
    {
        int port = FreePort();
        using var relay = new HeldRelay(new IPEndPoint(IPAddress.Loopback, port));
        ActorSystem coordinator = Start(ClusterRole.Coordinator, new IPEndPoint(IPAddress.Loopback, port), seed: null, relay.EndPoint);
        ActorSystem lost = Start(ClusterRole.Worker, new IPEndPoint(IPAddress.Loopback, 0), relay.EndPoint);
        await Next(Members(coordinator), count: 2, "the first worker up");
        IReadOnlyList<HeldRelay.Connection> connections = relay.Connections;
        ActorSystem kept = Start(ClusterRole.Worker, new IPEndPoint(IPAddress.Loopback, 0), relay.EndPoint);
        await Next(Members(coordinator), count: 3, "the second worker up");
        await Next(Members(lost), count: 3, "the second worker up, as the first sees it");
        ChannelReader<object> removals = Members(coordinator, typeof(ClusterEvent.MemberRemoved));

        foreach (HeldRelay.Connection connection in connections)
            connection.Hold();

        object removed = await Next(removals, count: 1, "the removal of the worker");
        Assert.Equal(AkkaCluster.Get(lost).SelfAddress, Assert.IsType<ClusterEvent.MemberRemoved>(removed).Member.Address);
        await lost.WhenTerminated.WaitAsync(Deadline);
        ChannelReader<object> inbox = Inbox(coordinator);
        kept.ActorSelection($"akka.tcp://lockstep@{relay.EndPoint}/user/inbox").Tell(new JoinRefused("still here"));
        Assert.Equal(new JoinRefused("still here"), await Next(inbox, count: 1, "a message of the worker that stayed"));
        Assert.Equal([AkkaCluster.Get(coordinator).SelfAddress, AkkaCluster.Get(kept).SelfAddress],
            AkkaCluster.Get(coordinator).State.Members.Select(member => member.Address)
                .OrderBy(address => address != AkkaCluster.Get(coordinator).SelfAddress));
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
                message = await Next(messages);
            return message;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited for {waitingFor}.");
        }
    }

    private ActorSystem Start(ClusterRole role, IPEndPoint listen, IPEndPoint? seed, IPEndPoint? advertise = null) =>
        StartNode(role, seed is null ? null : new Seed(seed), listen, advertise);
}
