using System.Net;
using System.Net.Sockets;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Bench.Compare;

/// <summary>
/// The other process of row e. To each connection it answers weights with a gradient: on the first as frames of a real tensor stream,
/// on the second as bare bytes of the same count. Its thread of the side that is not measured sleeps in the system.
/// </summary>
internal static class EchoServer
{
    /// <summary>Connects to a port of this machine, twice; serves until the peer closes.</summary>
    public static int Run(int port, string model)
    {
        var layout = new ParameterLayout(ModelSpec.Parse(model));
        int length = layout.Length * sizeof(float);
        var framed = new TensorConnection(Connect(port)) { Limits = StreamLimits.For(layout) };
        Socket bare = Connect(port);
        var threads = new[] { new Thread(() => Frames(framed, length)), new Thread(() => Bytes(bare, length)) };
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return 0;
    }

    /// <summary>Receives exactly as many bytes, or false at the end.</summary>
    public static bool Receive(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int received = socket.Receive(bytes);
            if (received == 0)
                return false;
            bytes = bytes[received..];
        }

        return true;
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static void Frames(TensorConnection connection, int length)
    {
        byte[] buffer = new byte[length];
        try
        {
            while (true)
            {
                FrameHeader header = connection.ReceiveHeader(FrameKind.Weights);
                connection.ReceivePayload(header, buffer);
                connection.Send(header with { Kind = FrameKind.Gradient }, buffer);
            }
        }
        catch (StreamException exception) when (exception.Error == StreamError.EndOfStream)
        {
        }
    }

    private static void Bytes(Socket socket, int length)
    {
        // A frame's header has its bytes here too.
        byte[] buffer = new byte[FrameHeader.Size + length];
        while (Receive(socket, buffer))
            socket.Send(buffer);
    }
}
