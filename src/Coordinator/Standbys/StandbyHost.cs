using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Lockstep.Coordinator.Decisions;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Secrets;
using Microsoft.Extensions.Logging;

namespace Lockstep.Coordinator.Standbys;

/// <summary>Runs this process as a standby of a coordinator, until it leads or the run is over.</summary>
public static class StandbyHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3), LookAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Follows whoever leads, for as long as it takes.</summary>
    /// <param name="options">What to follow, and where to keep it.</param>
    /// <param name="events">Told of everything that happens, in order, one at a time.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="stop">Leave.</param>
    /// <exception cref="SecretException">An address is not of this machine alone, and there is neither secret nor TLS.</exception>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public static async Task<StandbyResult> RunAsync(
        StandbyOptions options, IProgress<StandbyEvent> events, ILoggerFactory loggers, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(loggers);
        TrainingHost.EnsureFree(options.Listen);
        var fence = new TermFence();
        var succession = new Succession(fence);
        while (true)
        {
            IReadOnlyList<Seed> seeds = await ResolveAsync(options, stop).ConfigureAwait(false);
            if (seeds.Count == 0)
                return new StandbyResult.Stopped();
            foreach (Seed seed in seeds)
                ClusterSecret.Require(options.Secret, options.Tls, seed.Place);
            ActorSystem system = ClusterSystem.Start(
                ClusterRole.Coordinator, options.Listen, loggers, Dispatchers.Config, options.Advertise, options.Secret, options.Tls);
            succession.Rejoin();
            StandbyResult? result = null;
            try
            {
                result = await StandByAsync(system, seeds, options, succession, fence, events, stop).ConfigureAwait(false);
                if (result is not null)
                    return result;
            }
            finally
            {
                if (result is not StandbyResult.Leads)
                    await Task.WhenAny(system.Terminate(), Task.Delay(ShutdownTimeout, CancellationToken.None)).ConfigureAwait(false);
            }
        }
    }

    private static async Task<StandbyResult?> StandByAsync(
        ActorSystem system, IReadOnlyList<Seed> seeds, StandbyOptions options, Succession succession, TermFence fence,
        IProgress<StandbyEvent> events, CancellationToken stop)
    {
        var result = new TaskCompletionSource<StandbyResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef standby = system.ActorOf(StandbyActor.Props(options, seeds, succession, fence, events, result), "standby");
        ClusterSystem.Join(system, seeds);
        using CancellationTokenRegistration registration = stop.Register(() => standby.Tell(StandbyActor.Stop.Instance));
        StandbyResult? ended = await result.Task.ConfigureAwait(false);
        await standby.GracefulStop(ShutdownTimeout).ConfigureAwait(false);
        return ended;
    }

    /// <summary>Looks the coordinators' names up until one is known; none when asked to stop.</summary>
    private static async Task<IReadOnlyList<Seed>> ResolveAsync(StandbyOptions options, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var found = new List<Seed>();
            foreach (DnsEndPoint place in options.Coordinators)
            {
                try
                {
                    IPAddress[] addresses = await Dns.GetHostAddressesAsync(place.Host, stop).ConfigureAwait(false);
                    if ((addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault()) is not { } address)
                        continue;
                    var seed = new Seed(new IPEndPoint(address, place.Port), place.Host);
                    if (!seed.Place.Equals(options.Advertise ?? options.Listen))
                        found.Add(seed); // One list may serve all coordinators.
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    // It may come to be known when it has started.
                }
            }

            if (found.Count > 0)
                return found;
            await Task.Delay(LookAgainAfter, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return [];
    }
}
