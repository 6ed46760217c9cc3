using System.Net;
using System.Net.Sockets;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tls;

namespace Lockstep.Bench.Compare;

/// <summary>
/// The other process of row e. To each connection it answers weights with a gradient, the one that it was given at first: on the first as
/// frames of a real tensor stream, on the second in shared memory, on the third as bare bytes of the same count, on the fourth as frames in
/// TLS. Its threads of the sides that are not measured sleep in the system.
/// </summary>
internal static class EchoServer
{
    /// <summary>Connects to a port of this machine, four times; serves until the peer closes.</summary>
    public static int Run(int port, string model, string certificates)
    {
        var layout = new ParameterLayout(ModelSpec.Parse(model));
        int weightsBytes = layout.TrainableLength * sizeof(float);
        var framed = new TensorConnection(Connect(port)) { Limits = StreamLimits.For(layout) };
        var shared = new TensorConnection(Connect(port)) { Limits = StreamLimits.For(layout) };
        Socket bare = Connect(port);
        var encrypted = new TensorConnection(Connect(port)) { Limits = StreamLimits.For(layout) };
        Check.Equal(
            "what is wrong with the certificate of the other process",
            $"{encrypted.Encrypt(ClusterTls.Read(certificates), isServer: false, "127.0.0.1")}", "");
        Thread[] threads =
        [
            new(() => Frames(framed, layout)), new(() => Slots(shared, layout)), new(() => Bytes(bare, weightsBytes)),
            new(() => Frames(encrypted, layout)),
        ];
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

    private static void Frames(TensorConnection connection, ParameterLayout layout)
    {
        var runs = new TensorRuns(layout);
        float[] gradient = new float[layout.TrainableLength];
        byte[] weights = new byte[layout.TrainableLength * sizeof(float)];
        try
        {
            FrameHeader header = connection.ReceiveHeader(FrameKind.Gradient);
            connection.ReceivePayload(header, gradient, runs);
            while (true)
            {
                header = connection.ReceiveHeader(FrameKind.Weights);
                connection.ReceivePayload(header, weights);
                connection.Send(header with { Kind = FrameKind.Gradient }, gradient, runs);
            }
        }
        catch (StreamException exception) when (exception.Error == StreamError.EndOfStream)
        {
        }
    }

    // Everything that is shared is copied once by whoever gets it, so that it has moved as through a socket.
    private static void Slots(TensorConnection connection, ParameterLayout layout)
    {
        float[] gradient = new float[layout.TrainableLength], weights = new float[layout.TrainableLength];
        try
        {
            FrameHeader header = connection.ReceiveHeader(FrameKind.SharedMemory);
            byte[] offer = new byte[header.PayloadLength];
            connection.ReceivePayload(header, offer);
            SharedTensors tensors = SharedTensors.TryOpen(offer, connection.Peer, layout)
                ?? throw new InvalidOperationException("the other process's memory cannot be opened");
            tensors.Gradients[0].Span.CopyTo(gradient);
            connection.Send(header, []);
            while (true)
            {
                header = connection.ReceiveHeader(FrameKind.SharedWeights);
                tensors.Weights[SharedTensors.ReceiveSlot(connection, header, tensors.Weights.Count)].Span.CopyTo(weights);
                gradient.CopyTo(tensors.Gradients[0].Span);
                SharedTensors.SendSlot(connection, header with { Kind = FrameKind.SharedGradient }, 0);
            }
        }
        catch (StreamException exception) when (exception.Error == StreamError.EndOfStream)
        {
        }
    }

    private static void Bytes(Socket socket, int weightsBytes)
    {
        // Frames' headers have their bytes here too. First the length of what a gradient takes.
        byte[] length = new byte[sizeof(int)], weights = new byte[FrameHeader.Size + weightsBytes];
        if (!Receive(socket, length))
            return;
        byte[] gradient = new byte[FrameHeader.Size + BitConverter.ToInt32(length)];
        while (Receive(socket, weights))
            socket.Send(gradient);
    }
}
