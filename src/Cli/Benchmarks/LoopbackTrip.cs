using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Shared.Streaming;

namespace Lockstep.Cli.Benchmarks;

/// <summary>
/// A frame of weights to a worker and a frame of gradients back, by the real tensor stream over the loopback of this machine.
/// </summary>
internal static class LoopbackTrip
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    /// <summary>Seconds of one round trip, nothing computed in between.</summary>
    /// <param name="layout">Layout of weights and gradients.</param>
    /// <param name="gradient">A real one: what is zero in it is not sent.</param>
    public static double Measure(ParameterLayout layout, AlignedBuffer gradient)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var dialled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dialled.Connect(listener.LocalEndPoint!);
        using var worker = new TensorConnection(dialled) { Limits = StreamLimits.For(layout) };
        using var coordinator = new TensorConnection(listener.Accept()) { Limits = StreamLimits.For(layout) };

        int bytes = layout.TrainableLength * sizeof(float);
        var thread = new Thread(
            () => Answer(worker, bytes, gradient, new TensorRuns(layout)))
        { IsBackground = true, Name = "loopback worker" };
        thread.Start();
        byte[] weights = new byte[bytes];
        float[] received = new float[layout.TrainableLength];
        var runs = new TensorRuns(layout);
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Time || times.Count < 10)
        {
            long begun = Stopwatch.GetTimestamp();
            coordinator.Send(new FrameHeader { Kind = FrameKind.Weights, Step = times.Count }, weights);
            FrameHeader header = coordinator.ReceiveHeader(FrameKind.Gradient);
            coordinator.ReceivePayload(header, received, runs);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }

        coordinator.Dispose();
        thread.Join();
        return ComputeTimes.Median(times);
    }

    private static void Answer(TensorConnection connection, int bytes, AlignedBuffer gradient, TensorRuns runs)
    {
        byte[] buffer = new byte[bytes];
        try
        {
            while (true)
            {
                FrameHeader header = connection.ReceiveHeader(FrameKind.Weights);
                connection.ReceivePayload(header, buffer);
                connection.Send(header with { Kind = FrameKind.Gradient }, gradient.Span, runs);
            }
        }
        catch (StreamException)
        {
            // Measured enough.
        }
    }
}
