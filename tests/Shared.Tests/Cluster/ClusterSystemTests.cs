using System.Net;
using System.Net.Sockets;
using System.Runtime.Serialization;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Xunit.Abstractions;
using AkkaCluster = Akka.Cluster.Cluster;

namespace Lockstep.Shared.Tests.Cluster;

/// <summary>Real actor systems of one process over loopback.</summary>
public sealed class ClusterSystemTests(ITestOutputHelper output) : NodeTests
{
    [Fact]
    public async Task Start_CoordinatorAndTwoWorkers_AllComeUpWithTheirRoles()
    {
        ActorSystem coordinator = Start(ClusterRole.Coordinator, seed: null);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        ActorSystem[] workers = [Start(ClusterRole.Worker, AddressOf(coordinator)), Start(ClusterRole.Worker, AddressOf(coordinator))];

        await Task.WhenAll(workers.Append(coordinator).Select(system => Up(system, members: 3)));
        output.WriteLine($"Three nodes up {watch.ElapsedMilliseconds} ms after the workers' start.");

        Assert.Equal(["coordinator"], AkkaCluster.Get(coordinator).SelfRoles);
        Assert.All(workers, worker => Assert.Equal(["worker"], AkkaCluster.Get(worker).SelfRoles));
        Assert.DoesNotContain(Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    /// <summary>While a system ends, Akka turns to this logger, whatever the log level; results are on standard output.</summary>
    [Fact]
    public void Start_AnyRole_HasNoLoggerToStandardOutput() =>
        Assert.IsType<NoStandardOutput>(Start(ClusterRole.Coordinator, seed: null).Settings.StdoutLogger);

    [Fact]
    public async Task Start_WorkerBeforeItsCoordinator_JoinsWhenThatListens()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)reserved.LocalEndPoint!;
        var gated = new TaskCompletionSource();
        Log.OnLine = line =>
        {
            if (line.Contains("gated", StringComparison.OrdinalIgnoreCase))
                gated.TrySetResult();
        };

        ActorSystem worker = Start(ClusterRole.Worker, address);
        await gated.Task.WaitAsync(Deadline);
        reserved.Dispose();
        ActorSystem coordinator = Start(ClusterRole.Coordinator, seed: null, address.Port);

        await Task.WhenAll(Up(worker, members: 2), Up(coordinator, members: 2));
    }

    [Fact]
    public void Start_AnyNode_SettingsTakeEffect()
    {
        ActorSystem system = Start(ClusterRole.Coordinator, seed: null);
        ClusterSettings settings = AkkaCluster.Get(system).Settings;

        Assert.Equal(TimeSpan.FromMilliseconds(200), settings.GossipInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(200), settings.LeaderActionsInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(100), settings.PeriodicTasksInitialDelay);
        Assert.Equal("lockstep.cluster-dispatcher", settings.UseDispatcher);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.RetryUnsuccessfulJoinAfter);
        Assert.Equal(TimeSpan.FromMilliseconds(250), settings.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), settings.FailureDetectorConfig.GetTimeSpan("acceptable-heartbeat-pause"));
        Config config = system.Settings.Config;
        Assert.Equal(TimeSpan.FromMilliseconds(500), config.GetTimeSpan("akka.remote.retry-gate-closed-for"));
        Assert.Equal(128_000, config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size"));
        Assert.False(config.GetBoolean("akka.coordinated-shutdown.run-by-clr-shutdown-hook"));
        var downing = Assert.IsType<CoordinatorDecides>(AkkaCluster.Get(system).DowningProvider);
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.Zero), (downing.RemoveAfter, downing.DownRemovalMargin));
    }

    [Fact]
    public void For_NetworkAddress_ToleratesLongerPauses()
    {
        Config config = ClusterConfig.For(
            ClusterRole.Worker, new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4053), new IPEndPoint(IPAddress.Parse("198.51.100.9"), 5053));

        Assert.Equal(TimeSpan.FromSeconds(4), config.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause"));
        Assert.Equal(TimeSpan.FromSeconds(7), config.GetTimeSpan(CoordinatorDecides.RemoveAfterKey));
        Assert.Equal("192.0.2.7", config.GetString("akka.remote.dot-netty.tcp.hostname"));
        Assert.Equal("198.51.100.9", config.GetString("akka.remote.dot-netty.tcp.public-hostname"));
        Assert.Equal(5053, config.GetInt("akka.remote.dot-netty.tcp.public-port"));
        Assert.Equal(4053, config.GetInt("akka.remote.dot-netty.tcp.port"));
    }

    [Fact]
    public void For_AllAddressesWithoutPublicName_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => ClusterConfig.For(ClusterRole.Coordinator, new IPEndPoint(IPAddress.Any, 0)));
        Assert.Contains("an address to advertise", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tell_EveryMessageAcrossRemoting_ArrivesEqual()
    {
        ActorSystem coordinator = Start(ClusterRole.Coordinator, seed: null);
        ActorSystem worker = Start(ClusterRole.Worker, AddressOf(coordinator));
        ChannelReader<object> inbox = Inbox(coordinator);
        ActorSelection remote = worker.ActorSelection($"akka.tcp://lockstep@{AddressOf(coordinator)}/user/inbox");

        foreach (IRunMessage message in Samples.Messages)
            remote.Tell(message);

        foreach (IRunMessage message in Samples.Messages)
            Assert.Equal(message, await Next(inbox));
    }

    [Fact]
    public async Task Tell_UnregisteredType_NeverLeavesTheProcess()
    {
        ActorSystem coordinator = Start(ClusterRole.Coordinator, seed: null);
        ActorSystem worker = Start(ClusterRole.Worker, AddressOf(coordinator));
        ChannelReader<object> inbox = Inbox(coordinator);
        ActorSelection remote = worker.ActorSelection($"akka.tcp://lockstep@{AddressOf(coordinator)}/user/inbox");

        remote.Tell(new Unregistered("secret"));
        remote.Tell(new JoinRefused("after"));

        Assert.Equal(new JoinRefused("after"), await Next(inbox));
        Assert.Contains(Log.Lines, line => line.Contains(nameof(Unregistered), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Deserialize_SerializerThatCreatesNamedTypes_IsReplacedByOneThatRefuses(int identifier)
    {
        ActorSystem system = Start(ClusterRole.Coordinator, seed: null);

        var error = Assert.Throws<SerializationException>(
            () => system.Serialization.Deserialize("{}"u8.ToArray(), identifier, "System.IO.FileInfo"));

        Assert.Contains($"Refused a message of serializer {identifier}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Crash_LastWorker_LeavesTheCoordinatorUp()
    {
        Config quick = ConfigurationFactory.ParseString(
            """
            akka.cluster {
              failure-detector { heartbeat-interval = 100ms, acceptable-heartbeat-pause = 300ms }
              split-brain-resolver.stable-after = 300ms
            }
            """);
        ActorSystem coordinator = Start(ClusterRole.Coordinator, seed: null, settings: quick);
        ActorSystem worker = Start(ClusterRole.Worker, AddressOf(coordinator), settings: quick);
        await Task.WhenAll(Up(coordinator, members: 2), Up(worker, members: 2));
        ChannelReader<object> removals = Members(coordinator, typeof(ClusterEvent.MemberRemoved));

        await ((IRemoteActorRefProvider)((ExtendedActorSystem)worker).Provider).Transport.Shutdown();

        var removed = Assert.IsType<ClusterEvent.MemberRemoved>(await Next(removals));
        Assert.Equal(AkkaCluster.Get(worker).SelfUniqueAddress, removed.Member.UniqueAddress);
        Assert.False(AkkaCluster.Get(coordinator).IsTerminated);
        Assert.Equal(MemberStatus.Up, AkkaCluster.Get(coordinator).SelfMember.Status);
    }

    [Fact]
    public async Task Receive_JsonFromANodeThatIsLetIn_IsRefusedAndTheNodeGoesOn()
    {
        ActorSystem coordinator = Start(ClusterRole.Coordinator, seed: null);
        ChannelReader<object> inbox = Inbox(coordinator);
        ActorSystem stranger = EndLater(ActorSystem.Create("stranger", ConfigurationFactory.ParseString(
            """
            akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, applied-adapters = [lockstep] }
              remote.adapters.lockstep = "Lockstep.Shared.Cluster.SecretTransportProvider,Lockstep.Shared" }
            """)));
        var refused = new TaskCompletionSource();
        Log.OnLine = line =>
        {
            if (line.Contains("Deserialization failed", StringComparison.Ordinal)
                && line.Contains("SerializerId=1,", StringComparison.Ordinal))
                refused.TrySetResult();
        };

        stranger.ActorSelection($"akka.tcp://lockstep@{AddressOf(coordinator)}/user/inbox").Tell(new Unregistered("hostile"));
        await refused.Task.WaitAsync(Deadline);
        ActorSystem worker = Start(ClusterRole.Worker, AddressOf(coordinator));
        worker.ActorSelection($"akka.tcp://lockstep@{AddressOf(coordinator)}/user/inbox").Tell(new JoinRefused("after"));

        Assert.Equal(new JoinRefused("after"), await Next(inbox));
    }

    private ActorSystem Start(ClusterRole role, IPEndPoint? seed, int port = 0, Config? settings = null) =>
        StartNode(role, seed is null ? null : new Seed(seed), new IPEndPoint(IPAddress.Loopback, port), settings: settings);

    /// <summary>Waits until the system sees that many members up.</summary>
    private static async Task Up(ActorSystem system, int members)
    {
        ChannelReader<object> changes = Members(system);
        try
        {
            for (int up = 0; up < members; up++)
                await Next(changes);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited for {members} members up at {AkkaCluster.Get(system).SelfAddress}; it sees "
                + $"{AkkaCluster.Get(system).State.Members}.");
        }
    }

    private sealed record Unregistered(string Text);
}
