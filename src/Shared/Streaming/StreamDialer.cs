using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Lockstep.Shared.Streaming;

/// <summary>Connects sockets within a time limit.</summary>
internal static class StreamDialer
{
    /// <summary>Tries the addresses of a host in turn, each for its share of the remaining time.</summary>
    /// <returns>A connected socket that was never used asynchronously.</returns>
    /// <exception cref="StreamException">The name is unknown, or no address was reached in time.</exception>
    public static Socket Dial(string host, int port, TimeSpan timeout)
    {
        string peer = $"{host}:{port}";
        long start = Stopwatch.GetTimestamp();
        Exception? last = null;
        bool expired = false;
        try
        {
            IPAddress[] addresses = Dns.GetHostAddresses(host);
            for (int i = 0; i < addresses.Length; i++)
            {
                TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    expired = true;
                    break;
                }

                if (TryDial(addresses[i], port, left / (addresses.Length - i), out Exception? failure, out bool isLate) is { } socket)
                    return socket;
                last = failure;
                expired |= isLate;
            }
        }
        catch (SocketException e)
        {
            last = e;
        }

        if (expired)
            throw new StreamException(
                StreamError.Timeout, peer,
                $"no connection within {timeout.TotalSeconds:0.#} s. Check that the coordinator's stream port is reachable.", last);
        throw new StreamException(StreamError.Unreachable, peer, $"no connection: {last?.Message ?? "the name has no address"}.", last);
    }

    private static Socket? TryDial(IPAddress address, int port, TimeSpan timeout, out Exception? failure, out bool isLate)
    {
        Socket? socket = null;
        bool expired = false;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            // A blocking connect has no time limit. An asynchronous one has, but slows the socket down permanently.
            using var watchdog = new Timer(
                state =>
                {
                    Volatile.Write(ref expired, true);
                    ((Socket)state!).Dispose();
                },
                socket, timeout, Timeout.InfiniteTimeSpan);
            socket.Connect(address, port);
            if (watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) && socket.Connected)
            {
                (failure, isLate) = (null, false);
                return socket;
            }

            failure = null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            failure = e;
        }

        socket?.Dispose();
        isLate = Volatile.Read(ref expired);
        return null;
    }
}
