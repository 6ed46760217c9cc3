using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Secrets;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

/// <summary>Nodes and strangers over loopback: only who knows the secret reaches Akka.</summary>
public sealed class SecretTransportTests : NodeTests
{
    [Fact]
    public async Task Join_SameSecret_BecomesAMember()
    {
        ActorSystem coordinator = Start(seed: null, Samples.Secret);
        ChannelReader<object> members = Members(coordinator);
        ActorSystem worker = Start(AddressOf(coordinator), Samples.Secret), another = Start(AddressOf(coordinator), Samples.Secret);

        HashSet<Address> up = [];
        while (up.Count < 3)
            up.Add(Assert.IsType<ClusterEvent.MemberUp>(await Next(members)).Member.Address);

        Assert.Equal(
            new[] { coordinator, worker, another }.Select(AddressOf).ToHashSet(),
            up.Select(address => new IPEndPoint(IPAddress.Parse(address.Host), address.Port!.Value)).ToHashSet());
    }

    [Theory]
    [InlineData(true, true, "it has another secret", "it has another secret")]
    [InlineData(true, false, "it has no secret, and here one was given", "it has a secret, and here none was given")]
    [InlineData(false, true, "it has a secret, and here none was given", "it has no secret, and here one was given")]
    public async Task Join_NotTheSameSecret_IsToldOnBothSidesAndNobodyJoins(
        bool coordinatorHasOne, bool workerHasOne, string onCoordinator, string onWorker)
    {
        ActorSystem coordinator = Start(seed: null, coordinatorHasOne ? Samples.Secret : null);
        ChannelReader<object> refusedThere = Refusals(coordinator);
        ActorSystem worker = Start(AddressOf(coordinator), workerHasOne ? Samples.OtherSecret : null);
        ChannelReader<object> refusedHere = Refusals(worker);

        var here = Assert.IsType<PeerRefused>(await Next(refusedHere));
        var there = Assert.IsType<PeerRefused>(await Next(refusedThere));

        Assert.Equal((true, "127.0.0.1", AddressOf(coordinator).Port), (here.IsDialer, here.Host, here.Port));
        Assert.Equal((false, "127.0.0.1"), (there.IsDialer, there.Host));
        Assert.StartsWith(onWorker, here.Reason, StringComparison.Ordinal);
        Assert.StartsWith(onCoordinator, there.Reason, StringComparison.Ordinal);
        AssertNobodyElseIsMember(coordinator);
    }

    /// <summary>A program that speaks Akka as well as any other, but does not begin as a node does.</summary>
    [Fact]
    public async Task Tell_FromAkkaWithoutTheFirstWords_ReachesNoActor()
    {
        ActorSystem coordinator = Start(seed: null, Samples.Secret);
        ChannelReader<object> inbox = Inbox(coordinator);
        Config plain = ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp.applied-adapters = []");
        ActorSystem stranger = Start(AddressOf(coordinator), secret: null, plain);
        ChannelReader<object> closed = Events(stranger, typeof(Akka.Remote.DisassociatedEvent), typeof(Akka.Remote.AssociationErrorEvent));
        stranger.ActorSelection($"akka.tcp://lockstep@{AddressOf(coordinator)}/user/inbox").Tell(new JoinRefused("hostile"));
        await Next(closed);

        ActorSystem worker = Start(AddressOf(coordinator), Samples.Secret);
        worker.ActorSelection($"akka.tcp://lockstep@{AddressOf(coordinator)}/user/inbox").Tell(new JoinRefused("after"));

        Assert.Equal(new JoinRefused("after"), await Next(inbox));
        Assert.DoesNotContain(AkkaCluster.Get(coordinator).State.Members, member => member.Address.Port == AddressOf(stranger).Port);
    }

    [Fact]
    public void Start_OutsideOfThisMachineWithoutASecret_IsRefused()
    {
        SecretException error = Assert.Throws<SecretException>(
            () => ClusterSystem.Start(ClusterRole.Worker, new IPEndPoint(IPAddress.Parse("192.0.2.7"), 0), Log));
        Assert.Contains("192.0.2.7", error.Message, StringComparison.Ordinal);
    }

    private ActorSystem Start(IPEndPoint? seed, ClusterSecret? secret, Config? settings = null) => StartNode(
        seed is null ? ClusterRole.Coordinator : ClusterRole.Worker, seed is null ? null : new Seed(seed), settings: settings,
        secret: secret);
}
