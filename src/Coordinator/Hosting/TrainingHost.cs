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
        events = new InTurn(events);
        EnsureFree(options.Listen);
        using var launched = new LaunchedWorkers(options.Launches, loggers.CreateLogger<LaunchedWorkers>());
        var resumption = new Resumption(options, Disk.OfThisMachine);
        var data = new Lazy<TrainingData>(() => TrainingData.Of(options.Data, options.Spec.Data.TrainingExamples));
        Task digest = Task.Run(() => data.Value, CancellationToken.None);
        var tokens = new StreamTokens();

        using ActorSystem system = ClusterSystem.Start(
            ClusterRole.Coordinator, options.Listen, loggers, Dispatchers.Config, options.Advertise, options.Secret, options.Tls);
        try
        {
            ClusterSystem.Join(system);
            Address address = Cluster.Get(system).SelfAddress;
            string self = $"{address.Host}:{address.Port}";
            PeerList peers = PeerList.Of(options, self);
            string join = string.Join(',', peers.Names);
            using var server = new PeerServer(peers.Times.Silence / 5);
            IActorRef leadership = ActorRefs.Nobody;
            using TensorListener listener = Listen(
                options, tokens, server, (connection, node) => leadership.Tell(new StreamOpened(node, connection)), loggers);
            IPEndPoint stream = options.Advertise is { } advertised
                ? new IPEndPoint(advertised.Address, advertised.Port + 1)
                : listener.EndPoint;
            var tasks = Channel.CreateUnbounded<LeadershipTask>();
            var decisions = new Leadership(
                peers.Self, peers.Names, TraceChain.HashOf(options.Spec), peers.Times, resumption.Own, Stopwatch.GetElapsedTime(0));
            leadership = system.ActorOf(
                LeadershipActor.Props(decisions, server, mailbox => peers.Dial(options, mailbox), tasks.Writer, events), "coordinator");
            launched.Connect(self, leadership);
            using CancellationTokenRegistration registration = stop.Register(() => leadership.Tell(new StopRun()));
            while (true)
            {
                switch (await tasks.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    case LeadershipTask.Train train:
                        RunResult result = await TrainAsync(
                            train, resumption, leadership, listener, server, new Place(tokens, data, join, stream),
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
            await Task.WhenAny(system.Terminate(), Task.Delay(ShutdownTimeout, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    /// <summary>Leads the run until it ends here.</summary>
    private static async Task<RunResult> TrainAsync(
        LeadershipTask.Train train, Resumption resumption, IActorRef leadership, TensorListener listener, PeerServer server, Place place,
        IProgress<RunEvent> events)
    {
        TrainingOptions options = resumption.OptionsOf(train);
        var state = new RunState(options, train.Run, train.Term);
        using var meter = new RunMeter(state, options.Spec.TotalSteps);
        events.Report(new RunEvent.Leading(state.RunId, state.Term, state.FirstStep, options.Peers.Count > 1));
        events.Report(new RunEvent.Listening(place.Join, place.Stream.ToString(), options.Secret is not null, options.Tls is not null));
        if (options.Launches.Where(launch => launch.Host is not null).Select(launch => launch.Host!).ToArray() is { Length: > 0 } hosts)
            events.Report(new RunEvent.Launching(hosts, place.Join));
        var ended = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new CoordinatorContext(
            options, state, place.Data, place.Tokens, place.Stream.Address.ToString(), place.Stream.Port, events, ended);
        ReplicaSource source = resumption.SourceOf(state, options);
        listener.Run = state.Run;
        leadership.Tell(new BeginRun(CoordinatorActor.Props(context, meter, mailbox => server.Lead(source, mailbox))));
        try
        {
            return await ended.Task.ConfigureAwait(false);
        }
        finally
        {
            listener.Run = null;
            leadership.Tell(resumption.Ended(ended.Task.IsCompletedSuccessfully ? ended.Task.Result.Outcome : RunOutcome.Failed));
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

    /// <summary>Serialises events that come from several threads.</summary>
    private sealed class InTurn(IProgress<RunEvent> events) : IProgress<RunEvent>
    {
        private readonly Lock _lock = new();

        public void Report(RunEvent value)
        {
            lock (_lock)
                events.Report(value);
        }
    }

    /// <summary>What all terms that this process leads have in common.</summary>
    private sealed record Place(StreamTokens Tokens, Lazy<TrainingData> Data, string Join, IPEndPoint Stream);
}
