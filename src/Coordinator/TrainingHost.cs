using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Standbys;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Microsoft.Extensions.Logging;

namespace Lockstep.Coordinator;

/// <summary>Runs one training in this process as the coordinator of a cluster, with workers of its own or with ones that join.</summary>
public static class TrainingHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Trains until the last step, or until asked to stop.</summary>
    /// <param name="options">The training; valid.</param>
    /// <param name="events">Told of everything that happens, in order, one at a time.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="stop">Finish the step, write a checkpoint and return.</param>
    /// <exception cref="SecretException">The address is not of this machine alone, and there is neither secret nor TLS.</exception>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    /// <param name="reign">Of a standby that has come to lead: its node, which ends with the run, and its term. Null starts a cluster.</param>
    public static async Task<RunResult> RunAsync(
        TrainingOptions options, IProgress<RunEvent> events, ILoggerFactory loggers, CancellationToken stop, Reign? reign = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(loggers);
        if (reign is null)
            EnsureFree(options.Listen);
        using var launched = new LaunchedWorkers(options.Launches, loggers.CreateLogger<LaunchedWorkers>());
        var state = new RunState(options, reign?.Run, reign?.Term);
        using var meter = new RunMeter(state, options.Spec.TotalSteps);
        var tokens = new StreamTokens();
        var images = new Lazy<TrainingImages>(() => TrainingImages.Of(options.Data, options.Spec.Data.TrainingExamples));
        Task digest = Task.Run(() => images.Value, CancellationToken.None);
        var result = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);

        using ActorSystem system = reign?.System ?? ClusterSystem.Start(
            ClusterRole.Coordinator, options.Listen, loggers, Dispatchers.Config, options.Advertise, options.Secret, options.Tls);
        try
        {
            if (reign is null)
                ClusterSystem.Join(system);
            IActorRef coordinator = ActorRefs.Nobody;
            using TensorListener listener = Listen(
                options, state.Run, tokens, (connection, node) => coordinator.Tell(new StreamOpened(node, connection)), loggers);
            IPEndPoint stream = options.Advertise is { } advertised ? new IPEndPoint(advertised.Address, advertised.Port + 1) : listener.EndPoint;
            var context = new CoordinatorContext(options, state, images, tokens, stream.Address.ToString(), stream.Port, events, result);
            Address address = Cluster.Get(system).SelfAddress;
            string join = $"{address.Host}:{address.Port}";
            events.Report(new RunEvent.Listening(join, stream.ToString(), state.RunId, state.Term, options.Secret is not null, options.Tls is not null));
            if (options.Launches.Where(launch => launch.Host is not null).Select(launch => launch.Host!).ToArray() is { Length: > 0 } hosts)
                events.Report(new RunEvent.Launching(hosts, join));
            coordinator = system.ActorOf(CoordinatorActor.Props(context, meter), "coordinator");
            Cluster.Get(system).RegisterOnMemberRemoved(() => coordinator.Tell(new NewerTermSeen(0)));
            launched.Connect(join, coordinator);
            using CancellationTokenRegistration registration = stop.Register(() => coordinator.Tell(new StopRun()));

            RunResult ended = await result.Task.ConfigureAwait(false);
            await coordinator.GracefulStop(ShutdownTimeout).ConfigureAwait(false);
            return ended;
        }
        finally
        {
            await Task.WhenAny(system.Terminate(), Task.Delay(ShutdownTimeout, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    /// <summary>The tensor stream has the port after the cluster's, or a free one where the cluster has a free one or the last.</summary>
    private static TensorListener Listen(
        TrainingOptions options, ulong run, StreamTokens tokens, Action<TensorConnection, string> onConnected, ILoggerFactory loggers)
    {
        IPEndPoint cluster = options.Listen;
        var endPoint = new IPEndPoint(cluster.Address, cluster.Port is 0 or IPEndPoint.MaxPort ? 0 : cluster.Port + 1);
        try
        {
            return new TensorListener(endPoint, run, tokens, onConnected, loggers.CreateLogger<TensorListener>(), secret: options.Secret, tls: options.Tls);
        }
        catch (SocketException exception)
        {
            throw new ListenException(endPoint, exception);
        }
    }

    /// <summary>The cluster's own failure to bind would come late and in many words.</summary>
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
}
