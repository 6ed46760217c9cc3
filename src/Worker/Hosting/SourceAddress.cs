using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Shared.Cluster;

namespace Lockstep.Worker.Hosting;

/// <summary>Finds the address of this machine that faces the coordinator, which must be able to connect back to it.</summary>
internal static class SourceAddress
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);

    // RFC 8305, 5 and 8: the next address is tried beside the one before, which is not given up.
    private static readonly TimeSpan NextAddressAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <summary>Finds it; retries while the machine's network is down.</summary>
    /// <param name="coordinators">All addresses of the coordinators.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>The address, or why there is none; neither if asked to stop meanwhile.</returns>
    public static async Task<(IPAddress? Address, string? Problem)> FindAsync(
        IReadOnlyList<Seed> coordinators, TimeSpan timeout, CancellationToken stop)
    {
        // With addresses of one family, all of them are faced by the same one.
        if (coordinators.Select(seed => seed.Place.AddressFamily).Distinct().Count() > 1
            && await FacingTheFirstToAnswerAsync(coordinators, stop).ConfigureAwait(false) is { } address)
            return (address, null);
        long start = Stopwatch.GetTimestamp();
        for (int turn = 0; ; turn++)
        {
            IPEndPoint coordinator = coordinators[turn % coordinators.Count].Place;
            try
            {
                using var probe = new Socket(coordinator.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                probe.Connect(coordinator); // Sends nothing: it only selects the route.
                return (((IPEndPoint)probe.LocalEndPoint!).Address, null);
            }
            catch (SocketException e) when (Stopwatch.GetElapsedTime(start) >= timeout)
            {
                return (null, e.Message);
            }
            catch (SocketException)
            {
                await Task.Delay(LookAgainAfter, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested)
                    return (null, null);
            }
        }
    }

    private static async Task<IPAddress?> FacingTheFirstToAnswerAsync(IReadOnlyList<Seed> coordinators, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(AnswerWithin);
        List<Task<IPAddress?>> asked =
            [.. coordinators.Select((seed, turn) => FacingAsync(seed.Place, turn * NextAddressAfter, end.Token))];
        while (asked.Count > 0)
        {
            Task<IPAddress?> ended = await Task.WhenAny(asked).ConfigureAwait(false);
            asked.Remove(ended);
            if (await ended.ConfigureAwait(false) is { } address)
            {
                await end.CancelAsync().ConfigureAwait(false);
                return address;
            }
        }

        return null;
    }

    private static async Task<IPAddress?> FacingAsync(IPEndPoint coordinator, TimeSpan delay, CancellationToken stop)
    {
        try
        {
            await Task.Delay(delay, stop).ConfigureAwait(false);
            using var socket = new Socket(coordinator.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(coordinator, stop).ConfigureAwait(false);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}
