using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Data;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Files;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Coordinator.Hosting;

/// <summary>
/// Runs one training in this process as a coordinator: alone, or as one of several coordinators of the run, of which one leads and the
/// others stand by. Workers are started here or join by themselves.
/// </summary>
public static class TrainingHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Trains or stands by until the run is complete, cannot continue, or this process is asked to stop.</summary>
    /// <param name="options">The training; valid.</param>
    /// <param name="events">Receives all events, in order, one at a time.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="stop">Finishes the step, writes a checkpoint and returns. A standby continues the run if there is one.</param>
    /// <exception cref="SecretException">The address is not a loopback address, and there is neither secret nor TLS.</exception>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    /// <exception cref="OtherRunException">The leading coordinator trains another run.</exception>
    public static async Task<RunResult> RunAsync(
        TrainingOptions options, IProgress<RunEvent> events, ILoggerFactory loggers, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(loggers);
        var need = new WorkersNeed(options, events);
        events = need;
        ClusterSecret.Require(options.Secret, options.Tls, options.Listen, options.Advertise);
        EnsureFree(options.Listen);
        using var launched = new LaunchedWorkers(loggers.CreateLogger<LaunchedWorkers>());
        // With a worker of its own, this process has all processors until it computes.
        if (options.OwnWorker is null)
            launched.Start(options.Launches);
        var resumption = new Resumption(options, Disk.OfThisMachine);
        var data = new Lazy<TrainingData>(() => TrainingData.Of(options.Data, options.Spec.Data.TrainingExamples));
        Task digest = Task.Run(() => data.Value, CancellationToken.None);
        var tokens = new StreamTokens();
        PeerList peers = PeerList.Of(options);
        using var server = new PeerServer(peers.Times.Silence / 5);
        using ActorSystem system = ClusterSystem.StartLocal(loggers, Dispatchers.Config);
        IActorRef leadership = ActorRefs.Nobody;
        using TensorListener listener = Listen(
            options, tokens, server, (connection, worker) => leadership.Tell(new StreamOpened(worker, connection)), loggers);
        var tasks = Channel.CreateUnbounded<LeadershipTask>();
        var decisions = new Leadership(
            peers.Self, peers.Names, TraceChain.HashOf(options.Spec), peers.Times, resumption.Own, Stopwatch.GetElapsedTime(0));
        leadership = system.ActorOf(
            LeadershipActor.Props(decisions, server, mailbox => peers.Dial(options, mailbox), tasks.Writer, events), "leadership");
        Task<ActorSystem> node = StartNodeAsync(options, need.Task, leadership, loggers);
        Task workers = LaunchAsync(options, node, launched, leadership);
        try
        {
            using CancellationTokenRegistration registration = stop.Register(() => leadership.Tell(new StopRun()));
            while (true)
            {
                switch (await UnlessFailed(tasks.Reader.ReadAsync(CancellationToken.None).AsTask(), workers).ConfigureAwait(false))
                {
                    case LeadershipTask.Train train:
                        RunResult result = await TrainAsync(
                            train, resumption, leadership, listener, server, new Place(tokens, data, peers, node, workers),
                            events).ConfigureAwait(false);
                        if (result.Outcome != RunOutcome.Yielded)
                            return result;
                        break;
                    case LeadershipTask.Complete:
                        return resumption.Conclude();
                    case LeadershipTask.EndForOtherRun other:
                        throw new OtherRunException(other.Leader, other.Address);
                    case LeadershipTask.End end:
                        return resumption.End(end.Outcome, end.Message);
                }
            }
        }
        finally
        {
            need.End();
            await workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAny(
                Task.WhenAll(system.Terminate(), node.IsCompletedSuccessfully ? node.Result.Terminate() : Task.CompletedTask),
                Task.Delay(ShutdownTimeout, CancellationToken.None)).ConfigureAwait(false);
            if (node.IsCompletedSuccessfully)
                node.Result.Dispose();
        }
    }

    /// <summary>
    /// Lets the runtime load what a system of actors needs, by starting one: a sixth of a start, beside which a caller may read the data.
    /// </summary>
    public static void WarmUp() => _ = ClusterSystem.StartLocal(NullLoggerFactory.Instance, Dispatchers.Config).Terminate();

    /// <summary>Starts the coordinator's node, in a cluster of its own.</summary>
    private static async Task<ActorSystem> StartNodeAsync(
        TrainingOptions options, Task need, IActorRef leadership, ILoggerFactory loggers)
    {
        await need.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        ActorSystem node;
        try
        {
            node = ClusterSystem.Start(
                ClusterRole.Coordinator, options.Listen, loggers, advertise: options.Advertise, secret: options.Secret, tls: options.Tls);
        }
        catch (Exception e) when (ListenException.Of(e, options.Listen) is { } taken)
        {
            throw taken; // Since it was checked.
        }

        _ = node.ActorOf(ClusterGate.Props(new ActorMailbox(leadership)), "coordinator");
        ClusterSystem.Join(node);
        return node;
    }

    /// <summary>Tells the workers that this process starts where to join, once they can.</summary>
    private static async Task LaunchAsync(
        TrainingOptions options, Task<ActorSystem> node, LaunchedWorkers launched, IActorRef leadership)
    {
        string address = AddressOf(await node.ConfigureAwait(false));
        if (options.OwnWorker is not null)
            launched.Start(options.Launches);
        launched.Connect(address, leadership);
    }

    private static string AddressOf(ActorSystem node)
    {
        Address address = Cluster.Get(node).SelfAddress;
        return $"{address.Host}:{address.Port}";
    }

    /// <summary>The result of a task, or the failure of another if it fails before.</summary>
    private static async Task<T> UnlessFailed<T>(Task<T> task, Task other)
    {
        if (await Task.WhenAny(task, other).ConfigureAwait(false) == other)
            await other.ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <summary>Leads the run until it ends here.</summary>
    private static async Task<RunResult> TrainAsync(
        LeadershipTask.Train train, Resumption resumption, IActorRef leadership, TensorListener listener, PeerServer server, Place place,
        IProgress<RunEvent> events)
    {
        TrainingOptions options = resumption.OptionsOf(train);
        var state = new RunState(options, train.Run, train.Term);
        using var meter = new RunMeter(state, options.Spec.TotalSteps);
        IPEndPoint stream = options.Advertise is { } advertised
            ? new IPEndPoint(advertised.Address, advertised.Port + 1)
            : listener.EndPoint;
        events.Report(new RunEvent.Leading(state.RunId, state.Term, state.FirstStep, options.Peers.Count > 1));
        Task told = TellAddressAsync();
        // Without a worker of its own it has nothing to do before others can join.
        if (options.OwnWorker is null)
            await told.ConfigureAwait(false);
        var ended = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new CoordinatorContext(
            options, state, place.Data, place.Tokens, stream.Address.ToString(), stream.Port, events, ended);
        ReplicaSource source = resumption.SourceOf(state, options);
        listener.Run = state.Run;
        leadership.Tell(new BeginRun(CoordinatorActor.Props(context, meter, mailbox => server.Lead(source, mailbox))));
        try
        {
            return await UnlessFailed(ended.Task, place.Workers).ConfigureAwait(false);
        }
        finally
        {
            listener.Run = null;
            leadership.Tell(resumption.Ended(ended.Task.IsCompletedSuccessfully ? ended.Task.Result.Outcome : RunOutcome.Failed));
        }

        async Task TellAddressAsync()
        {
            string self = AddressOf(await place.Node.ConfigureAwait(false));
            string join = options.Peers.Count > 0 ? string.Join(',', place.Peers.Names) : self;
            events.Report(new RunEvent.Listening(join, stream.ToString(), options.Secret is not null, options.Tls is not null));
            if (options.Launches.Where(launch => launch.Host is not null).Select(launch => launch.Host!).ToArray() is { Length: > 0 } hosts)
                events.Report(new RunEvent.Launching(hosts, join));
        }
    }

    /// <summary>The tensor stream uses the port after the cluster's; a free one if the cluster's port is free (0) or the last.</summary>
    private static TensorListener Listen(
        TrainingOptions options, StreamTokens tokens, PeerServer server, Action<TensorConnection, string> onConnected,
        ILoggerFactory loggers)
    {
        IPEndPoint cluster = options.Listen;
        var endPoint = new IPEndPoint(cluster.Address, cluster.Port is 0 or IPEndPoint.MaxPort ? 0 : cluster.Port + 1);
        try
        {
            return new TensorListener(
                endPoint, run: null, tokens, onConnected, loggers.CreateLogger<TensorListener>(), secret: options.Secret, tls: options.Tls,
                onPeer: server.Accept);
        }
        catch (SocketException exception)
        {
            throw new ListenException(endPoint, exception);
        }
    }

    /// <summary>Checks the port first: Akka.Remote reports a failed bind late and verbosely.</summary>
    internal static void EnsureFree(IPEndPoint endPoint)
    {
        try
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endPoint);
            socket.Listen();
        }
        catch (SocketException exception)
        {
            throw new ListenException(endPoint, exception);
        }
    }

    /// <summary>What all terms that this process leads have in common.</summary>
    /// <param name="Tokens">Tokens of workers that may open their streams.</param>
    /// <param name="Data">The examples.</param>
    /// <param name="Peers">All coordinators of the run.</param>
    /// <param name="Node">This coordinator's node, once it is there.</param>
    /// <param name="Workers">Done once the workers that this process starts know where to join.</param>
    private sealed record Place(StreamTokens Tokens, Lazy<TrainingData> Data, PeerList Peers, Task<ActorSystem> Node, Task Workers);
}
