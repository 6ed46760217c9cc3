using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tests.Tls;
using Lockstep.Shared.Tls;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

/// <summary>Nodes and strangers over loopback: only who has a certificate of the same authority reaches Akka.</summary>
public sealed class TlsTransportTests : NodeTests
{
    private readonly TestCertificates _certificates = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Join_CertificatesOfOneAuthority_AllComeUpAndMessagesArrive(bool withSecret)
    {
        ClusterSecret? secret = withSecret ? Samples.Secret : null;
        ActorSystem coordinator = Start(seed: null, _certificates.Node(), secret);
        ChannelReader<object> members = Members(coordinator), inbox = Inbox(coordinator);
        ActorSystem worker = Start(coordinator, _certificates.Node("worker1"), secret);
        ActorSystem another = Start(coordinator, _certificates.Node("worker2"), secret);

        HashSet<Address> up = [];
        while (up.Count < 3)
            up.Add(Assert.IsType<ClusterEvent.MemberUp>(await Next(members)).Member.Address);
        Assert.Equal(new[] { coordinator, worker, another }.Select(system => AkkaCluster.Get(system).SelfAddress).ToHashSet(), up);

        JoinRefused[] messages = [.. Enumerable.Range(0, 200).Select(i => new JoinRefused(new string('x', 20 * i)))];
        foreach (JoinRefused message in messages)
            worker.ActorSelection($"{AkkaCluster.Get(coordinator).SelfAddress}/user/inbox").Tell(message);
        foreach (JoinRefused message in messages)
            Assert.Equal(message, await Next(inbox));
    }

    [Fact]
    public Task Join_WorkerOfAnotherAuthority_IsToldOnBothSides() => AssertRefused(
        _certificates.Node(), _certificates.Node("stranger", "theirs"),
        onCoordinator: "the certificate of 'stranger' was issued by", onWorker: "the certificate of '127.0.0.1' was issued by");

    [Fact]
    public Task Join_WorkerWhoseCertificateHasExpired_IsToldOnBothSides() => AssertRefused(
        _certificates.Node(days: 900, clock: TestCertificates.Later), _certificates.Node("old", days: 30),
        onCoordinator: "the certificate of 'old' expired on",
        onWorker: "it does not accept this side: the certificate of 'old' expired on");

    [Fact]
    public Task Join_CoordinatorWhoseCertificateHasExpired_IsToldOnBothSides() => AssertRefused(
        _certificates.Node(days: 30), _certificates.Node("worker", days: 900, clock: TestCertificates.Later),
        onCoordinator: "it does not accept this side: the certificate of '127.0.0.1' expired on",
        onWorker: "the certificate of '127.0.0.1' expired on");

    [Fact]
    public Task Join_CoordinatorOfAnotherName_IsToldOnBothSides() => AssertRefused(
        _certificates.Node("192.0.2.7"), _certificates.Node("worker"),
        onCoordinator: "it does not accept this side: the certificate of '192.0.2.7' is for 192.0.2.7, not for 127.0.0.1",
        onWorker: "the certificate of '192.0.2.7' is for 192.0.2.7, not for 127.0.0.1");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Join_WithoutTlsACoordinatorThatHasIt_IsToldOnBothSides(bool withSecret) => AssertRefused(
        _certificates.Node(), worker: null, "it does not speak TLS, and here certificates were given",
        "it speaks TLS, and here no certificates were given",
        withSecret ? Samples.Secret : null);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Join_WithTlsACoordinatorThatHasNone_IsToldOnBothSides(bool withSecret) => AssertRefused(
        coordinator: null, _certificates.Node("worker"), "it speaks TLS, and here no certificates were given",
        "it does not speak TLS, and here certificates were given",
        withSecret ? Samples.Secret : null);

    /// <summary>The certificate alone is not enough where there is a secret too.</summary>
    [Fact]
    public async Task Join_CertificateOfTheAuthorityButAnotherSecret_IsRefused()
    {
        ActorSystem coordinator = Start(seed: null, _certificates.Node(), Samples.Secret);
        ActorSystem worker = Start(coordinator, _certificates.Node("worker"), Samples.OtherSecret);
        Assert.StartsWith(
            "it has another secret", Assert.IsType<PeerRefused>(await Next(Refusals(worker))).Reason, StringComparison.Ordinal);
        Assert.Single(AkkaCluster.Get(coordinator).State.Members);
    }

    /// <summary>A program that speaks Akka as well as any other, but neither TLS nor the first words.</summary>
    [Fact]
    public async Task Tell_FromAkkaWithoutTls_ReachesNoActor()
    {
        ActorSystem coordinator = Start(seed: null, _certificates.Node());
        ChannelReader<object> inbox = Inbox(coordinator);
        ActorSystem stranger = Start(
            coordinator, tls: null, settings: ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp.applied-adapters = []"));
        ChannelReader<object> closed = Events(stranger, typeof(Akka.Remote.DisassociatedEvent), typeof(Akka.Remote.AssociationErrorEvent));
        stranger.ActorSelection($"{AkkaCluster.Get(coordinator).SelfAddress}/user/inbox").Tell(new JoinRefused("hostile"));
        await Next(closed);

        ActorSystem worker = Start(coordinator, _certificates.Node("worker"));
        worker.ActorSelection($"{AkkaCluster.Get(coordinator).SelfAddress}/user/inbox").Tell(new JoinRefused("after"));

        Assert.Equal(new JoinRefused("after"), await Next(inbox));
    }

    private async Task AssertRefused(
        ClusterTls? coordinator, ClusterTls? worker, string onCoordinator, string onWorker, ClusterSecret? secret = null)
    {
        ActorSystem seed = Start(seed: null, coordinator, secret);
        ChannelReader<object> refusedThere = Refusals(seed);
        ActorSystem node = EndLater(
            ClusterSystem.Start(ClusterRole.Worker, new IPEndPoint(IPAddress.Loopback, 0), Log, secret: secret, tls: worker));
        ChannelReader<object> refusedHere = Refusals(node);
        ClusterSystem.Join(node, ClusterSystem.AddressesOf(node, [new Seed(AddressOf(seed), "127.0.0.1")])[0]);

        var here = Assert.IsType<PeerRefused>(await Next(refusedHere));
        var there = Assert.IsType<PeerRefused>(await Next(refusedThere));

        Assert.Equal((true, "127.0.0.1", AddressOf(seed).Port), (here.IsDialer, here.Host, here.Port));
        Assert.Equal((false, "127.0.0.1"), (there.IsDialer, there.Host));
        Assert.StartsWith(onWorker, here.Reason, StringComparison.Ordinal);
        Assert.StartsWith(onCoordinator, there.Reason, StringComparison.Ordinal);
        AssertNobodyElseIsMember(seed);
    }

    private ActorSystem Start(ActorSystem? seed, ClusterTls? tls, ClusterSecret? secret = null, Config? settings = null) => StartNode(
        seed is null ? ClusterRole.Coordinator : ClusterRole.Worker, seed is null ? null : new Seed(AddressOf(seed), "127.0.0.1"),
        settings: settings, secret: secret,
        tls: tls);
}
