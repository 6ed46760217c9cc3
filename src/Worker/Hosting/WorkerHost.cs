using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Lockstep.Model.Data;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tls;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Lockstep.Worker.Hosting;

/// <summary>Runs this process as a worker of a cluster.</summary>
public static class WorkerHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookAgainAtLast = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Joins the coordinator and computes until the run ends. After losing the coordinator, or being removed, joins again within the same
    /// time limit, as a new member that still holds the images. Resolves the name anew each time, because it may become known, or change,
    /// when the coordinator starts.
    /// </summary>
    /// <param name="options">Where to join, and the number of compute threads.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="stop">
    /// Leaves: this worker answers what it owes in the current step; its shards go to others from the next one on.
    /// </param>
    /// <param name="notices">Receives a sentence when the coordinator is lost or its name is unknown.</param>
    /// <param name="node">The first node to join with, from <see cref="StartNode"/>; null starts one. It ends with its membership.</param>
    /// <param name="status">Kept up to date; may be null.</param>
    /// <exception cref="SecretException">The coordinator is not on a loopback address, and there is neither secret nor TLS.</exception>
    public static async Task<WorkerResult> RunAsync(
        WorkerOptions options, ILoggerFactory loggers, CancellationToken stop, IProgress<string>? notices = null, ActorSystem? node = null,
        WorkerStatus? status = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        var held = new HeldData();
        var known = new HashSet<string>();
        Task left = Task.CompletedTask;
        using var meter = new WorkerMeter(status ?? new WorkerStatus(), options.Lanes);
        var deadline = new JoinDeadline(options.JoinTimeout, TimeProvider.System);
        try
        {
            while (true)
            {
                (IReadOnlyList<Seed> coordinators, WorkerResult? unknown) =
                    await ResolveAsync(options, deadline, notices, stop).ConfigureAwait(false);
                if (unknown is not null)
                    return unknown;
                foreach (Seed coordinator in coordinators)
                    ClusterSecret.Require(options.Secret, options.Tls, coordinator.Place);
                var membership = new Membership(options, deadline.ForMembership, coordinators, known, held, meter, loggers);
                (WorkerResult result, Task leaving) = await JoinOnceAsync(membership, node, stop).ConfigureAwait(false);
                node = null;
                left = Task.WhenAll(left, leaving);
                if (deadline.Conclude(result, stop.IsCancellationRequested) is { } ended)
                    return ended;
                if (result.Outcome != WorkerOutcome.CoordinatorLost)
                    notices?.Report($"{result.Message} Trying for {options.JoinTimeout.TotalSeconds:0} s to join again.");
            }
        }
        finally
        {
            await left.WaitAsync(ShutdownTimeout, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Computes in the coordinator's own process, with the examples that this has, until it is let go.</summary>
    /// <param name="origin">The run and term.</param>
    /// <param name="stream">The worker's end of its stream.</param>
    /// <param name="data">The examples.</param>
    /// <param name="lanes">Number of compute threads.</param>
    public static async Task RunInCoordinatorAsync(FrameOrigin origin, FrameStream stream, TrainingData data, int lanes)
    {
        using var meter = new WorkerMeter(new WorkerStatus(), lanes);
        var session = new WorkerSession(origin, () => stream, lanes, new HeldData { Current = data }, meter);
        await session.Start().ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a node for <see cref="RunAsync"/>, for a worker that learns later where to join. Starting a node takes most of a worker's
    /// start.
    /// </summary>
    /// <param name="listen">The address of this machine that faces the coordinator.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="secret">See <see cref="WorkerOptions.Secret"/>.</param>
    /// <param name="tls">See <see cref="WorkerOptions.Tls"/>.</param>
    /// <exception cref="SecretException">The address is not a loopback address, and there is neither secret nor TLS.</exception>
    public static ActorSystem StartNode(IPAddress listen, ILoggerFactory loggers, ClusterSecret? secret = null, ClusterTls? tls = null) =>
        ClusterSystem.Start(ClusterRole.Worker, new IPEndPoint(listen, 0), loggers, secret: secret, tls: tls);

    /// <summary>Runs one membership. Returns its result, and the task of its node's leaving, which nothing waits for.</summary>
    private static async Task<(WorkerResult Result, Task Leaving)> JoinOnceAsync(
        Membership membership, ActorSystem? node, CancellationToken stop)
    {
        WorkerOptions options = membership.Options;
        (IPAddress? source, string? problem) =
            await SourceAddress.FindAsync(membership.Coordinators, membership.Timeout, stop).ConfigureAwait(false);
        if (source is null)
        {
            return (problem is null
                ? LeaderSearch.Stopped
                : new WorkerResult(
                    WorkerOutcome.CoordinatorLost,
                    $"This machine has no route to the coordinator at {options.Places} ({problem}), "
                        + $"nor got one within {options.JoinTimeout.TotalSeconds:0} s. Is its network up, and the address right?"),
                Task.CompletedTask);
        }

        var result = new TaskCompletionSource<WorkerResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        ActorSystem system = node ?? StartNode(source, membership.Loggers, options.Secret, options.Tls);
        foreach (Address coordinator in ClusterSystem.AddressesOf(system, membership.Coordinators))
            membership.Known.Add($"{coordinator.Host}:{coordinator.Port}");
        IActorRef worker = system.ActorOf(WorkerActor.Props(membership, result), "worker");
        using CancellationTokenRegistration registration = stop.Register(() => worker.Tell(WorkerActor.Drain.Instance));
        try
        {
            WorkerResult ended = await result.Task.ConfigureAwait(false);
            return (ended, LeaveAsync(system, worker));
        }
        catch
        {
            await LeaveAsync(system, worker).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends a node, after its worker has left the run.</summary>
    private static async Task LeaveAsync(ActorSystem system, IActorRef worker)
    {
        await ((Task)worker.GracefulStop(ShutdownTimeout)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAny(system.Terminate(), Task.Delay(ShutdownTimeout, CancellationToken.None)).ConfigureAwait(false);
        system.Dispose();
    }

    /// <summary>
    /// Resolves the coordinators' names to all their addresses until one is known, or returns the worker's result after the time limit.
    /// </summary>
    private static async Task<(IReadOnlyList<Seed> Coordinators, WorkerResult? Unknown)> ResolveAsync(
        WorkerOptions options, JoinDeadline deadline, IProgress<string>? notices, CancellationToken stop)
    {
        for (TimeSpan wait = LookAgainAfter; ; wait = wait * 2 < LookAgainAtLast ? wait * 2 : LookAgainAtLast)
        {
            var found = new List<Seed>();
            (string Host, string Problem) unknown = default;
            foreach (DnsEndPoint place in options.Coordinators)
            {
                try
                {
                    IPAddress[] addresses = await Dns.GetHostAddressesAsync(place.Host, stop).ConfigureAwait(false);
                    found.AddRange(addresses.Select(address => new Seed(new IPEndPoint(address, place.Port), place.Host)));
                    if (addresses.Length == 0)
                        unknown = (place.Host, "it has no address");
                }
                catch (SocketException e)
                {
                    unknown = (place.Host, e.Message);
                }
                catch (OperationCanceledException)
                {
                    return ([], LeaderSearch.Stopped);
                }
            }

            // Where both lead there, IPv4: a coordinator is bound to one.
            if (found.Count > 0)
                return ([.. found.OrderByDescending(seed => seed.Place.AddressFamily == AddressFamily.InterNetwork)], null);
            if (wait == LookAgainAfter)
                notices?.Report(
                    $"'{unknown.Host}' is not a known host name ({unknown.Problem}). "
                        + $"Trying for {options.JoinTimeout.TotalSeconds:0.#} s.");
            if (deadline.Left <= TimeSpan.Zero)
            {
                return ([], new WorkerResult(
                    WorkerOutcome.CoordinatorLost,
                    $"'{unknown.Host}' is not the name or address of a machine ({unknown.Problem}), nor became one within "
                        + $"{options.JoinTimeout.TotalSeconds:0.#} s. Check --join HOST:PORT."));
            }

            await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
