using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Cli.Benchmarks;

/// <summary>
/// Weights to a worker and a gradient back, nothing computed in between, as a run exchanges them: by the real tensor stream, over the
/// loopback of this machine.
/// </summary>
internal static class ExchangeTrip
{
    // As in a run: a slot is written while the other is read.
    private const int Slots = 2;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    /// <summary>Seconds of a round trip in frames, as between machines.</summary>
    /// <param name="layout">Layout of weights and gradients.</param>
    /// <param name="gradient">A real one: what is zero in it is not sent.</param>
    public static double OverSockets(ParameterLayout layout, AlignedBuffer gradient)
    {
        byte[] weights = new byte[layout.TrainableLength * sizeof(float)], arrived = new byte[weights.Length];
        float[] received = new float[layout.TrainableLength];
        TensorRuns workersRuns = new(layout), runs = new(layout);
        return Measure(
            layout,
            worker =>
            {
                FrameHeader header = worker.ReceiveHeader(FrameKind.Weights);
                worker.ReceivePayload(header, arrived);
                worker.Send(header with { Kind = FrameKind.Gradient }, gradient.Span, workersRuns);
            },
            (coordinator, step) =>
            {
                coordinator.Send(new FrameHeader { Kind = FrameKind.Weights, Step = step }, weights);
                coordinator.ReceivePayload(coordinator.ReceiveHeader(FrameKind.Gradient), received, runs);
            });
    }

    /// <summary>
    /// Seconds of a round trip through memory that both sides map, as on one machine: frames that name slots, and reading what the other
    /// processor wrote. Null where the system does not share memory.
    /// </summary>
    /// <inheritdoc cref="OverSockets" path="/param"/>
    public static double? OverSharedMemory(ParameterLayout layout, AlignedBuffer gradient)
    {
        if (SharedMemory.TryCreate(Slots, layout.Length, othersWrite: false) is not { } weights
            || SharedMemory.TryCreate(Slots, layout.TrainableLength, othersWrite: true) is not { } gradients
            || SharedTensors.TryOpen(SharedTensors.Offer(weights, gradients), "this process", layout) is not { } shared)
            return null;
        gradient.Span.CopyTo(shared.Gradients[0].Span);
        return Measure(
            layout,
            worker =>
            {
                FrameHeader header = worker.ReceiveHeader(FrameKind.SharedWeights);
                int slot = SharedTensors.ReceiveSlot(worker, header, Slots);
                _ = WeightsHash.Of(shared.Weights[slot].Span);
                SharedTensors.SendSlot(worker, header with { Kind = FrameKind.SharedGradient }, slot);
                gradient.Span.CopyTo(shared.Gradients[1 - slot].Span);
            },
            (coordinator, step) =>
            {
                SharedTensors.SendSlot(
                    coordinator, new FrameHeader { Kind = FrameKind.SharedWeights, Step = step }, (int)(step % Slots));
                FrameHeader header = coordinator.ReceiveHeader(FrameKind.SharedGradient);
                _ = WeightsHash.Of(gradients[SharedTensors.ReceiveSlot(coordinator, header, Slots)].Span);
            },
            next: step => weights[(int)((step - 1) % Slots)].Span.CopyTo(weights[(int)(step % Slots)].Span));
    }

    /// <param name="layout">Limits the frames.</param>
    /// <param name="answer">What the worker does with each message, on a thread of its own.</param>
    /// <param name="exchange">What is timed: the coordinator's part of a step.</param>
    /// <param name="next">What the coordinator does before it, which is not timed.</param>
    private static double Measure(
        ParameterLayout layout, Action<TensorConnection> answer, Action<TensorConnection, long> exchange, Action<long>? next = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var dialled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        dialled.Connect(listener.LocalEndPoint!);
        using var worker = new TensorConnection(dialled) { Limits = StreamLimits.For(layout) };
        using var coordinator = new TensorConnection(listener.Accept()) { Limits = StreamLimits.For(layout) };
        var thread = new Thread(() => Answer(worker, answer)) { IsBackground = true, Name = "worker of a round trip" };
        thread.Start();
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Time || times.Count < 10)
        {
            if (times.Count > 0)
                next?.Invoke(times.Count);
            long begun = Stopwatch.GetTimestamp();
            exchange(coordinator, times.Count);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }

        coordinator.Dispose();
        thread.Join();
        return ComputeTimes.Median(times);
    }

    private static void Answer(TensorConnection worker, Action<TensorConnection> answer)
    {
        try
        {
            while (true)
                answer(worker);
        }
        catch (StreamException)
        {
            // Measured enough.
        }
    }
}
