using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Shared.Streaming;

namespace Lockstep.Cluster.Tests;

/// <summary>Connections to a port whose other end means no good. Each is expected to be closed by the process that it is made to.</summary>
internal static class HostilePeer
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(200);

    /// <summary>Beginnings of what either port takes, and lies about lengths.</summary>
    public static IReadOnlyList<byte[]> Beginnings { get; } =
    [
        [], "LKST"u8.ToArray(), Frame(payload: 40)[..32], Frame(payload: 40), Frame(payload: int.MaxValue), Frame(payload: -1),
        [0xff, 0xff, 0xff, 0x7f], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0, 0, 0xf0, 1],
        "GET / HTTP/1.1\r\n"u8.ToArray(),
    ];

    /// <summary>Sends bytes and goes.</summary>
    public static void SendAndLeave(int port, byte[] bytes)
    {
        try
        {
            using Socket socket = Connect(port);
            _ = socket.Send(bytes);
        }
        catch (SocketException)
        {
            // Being thrown out is what is wanted.
        }
    }

    /// <summary>Sends bytes, then more for ever.</summary>
    /// <returns>How much was sent until the connection was closed.</returns>
    public static long SendWithoutEnd(int port, byte[] beginning)
    {
        long sent = 0, start = Stopwatch.GetTimestamp();
        byte[] block = new byte[1 << 16];
        new Random(port).NextBytes(block);
        try
        {
            using Socket socket = Connect(port);
            socket.SendTimeout = (int)LockstepProcess.Deadline.TotalMilliseconds;
            for (_ = socket.Send(beginning); ; sent += block.Length)
                _ = socket.Send(block);
        }
        catch (SocketException) when (Stopwatch.GetElapsedTime(start) < LockstepProcess.Deadline)
        {
            return sent;
        }
    }

    /// <summary>Sends a byte from time to time, first those of <paramref name="beginning"/>, until the connection is closed.</summary>
    public static async Task SendDripAsync(int port, byte[] beginning)
    {
        using Socket socket = Connect(port);
        using var timer = new PeriodicTimer(Drip);
        using var deadline = new CancellationTokenSource(LockstepProcess.Deadline);
        try
        {
            for (int i = 0; await timer.WaitForNextTickAsync(deadline.Token); i++)
                _ = await socket.SendAsync(new[] { i < beginning.Length ? beginning[i] : (byte)0 });
        }
        catch (SocketException)
        {
            // Closed, as it should be.
        }
    }

    /// <summary>Sends bytes, waits without a word until the connection is closed.</summary>
    public static async Task DawdleAsync(int port, byte[] bytes)
    {
        using Socket socket = Connect(port);
        using var deadline = new CancellationTokenSource(LockstepProcess.Deadline);
        try
        {
            byte[] answer = new byte[1 << 10];
            if (bytes.Length > 0)
                _ = await socket.SendAsync(bytes);
            while (await socket.ReceiveAsync(answer, deadline.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Closed, as it should be.
        }
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>The first frame of a worker, with a length that may be a lie, and no token that was ever given.</summary>
    private static byte[] Frame(int payload)
    {
        byte[] frame = new byte[FrameHeader.Size + Math.Clamp(payload, 0, 40)];
        "LKST"u8.CopyTo(frame);
        (frame[4], frame[5]) = (FrameHeader.Version, (byte)FrameKind.Hello);
        BitConverter.TryWriteBytes(frame.AsSpan(32), payload);
        return frame;
    }
}
