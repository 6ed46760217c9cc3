using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;
using Lockstep.Worker.Sessions;

namespace Lockstep.Bench.Compare;

/// <summary>
/// The other process of a <see cref="LoadedCoordinator"/>: the sessions and slices of real workers, whose lanes compute nothing: the
/// gradient of every node is the same bytes, and is there when the time that computing would take has passed.
/// </summary>
internal static partial class SimulatedWorkers
{
    /// <summary>Connects some workers to a coordinator; returns when it has closed all streams.</summary>
    /// <param name="coordinator">Its tensor stream.</param>
    /// <param name="count">How many.</param>
    /// <param name="shardMicroseconds">Time that computing a shard takes.</param>
    /// <param name="lines">The process that has made a line for each; null for none.</param>
    public static int Run(IPEndPoint coordinator, int count, double shardMicroseconds, int? lines)
    {
        var threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            int line = i + 1;
            threads[i] = new Thread(() =>
            {
                if (lines is { } process)
                    SlowLines.Enter(SlowLines.Name(line, process));
                Follow(new TensorConnection(Connect(coordinator)), shardMicroseconds);
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        return 0;
    }

    private static Socket Connect(IPEndPoint coordinator)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(coordinator);
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.HostUnreachable or SocketError.TimedOut)
            {
                // Hundreds of hosts that look for each other at once lose some of the questions.
                socket.Dispose();
            }
        }
    }

    private static void Follow(TensorConnection connection, double shardMicroseconds)
    {
        using var meter = new WorkerMeter(new WorkerStatus(), lanes: 1);
        using var network = new PolledMates(connection.LocalAddress!);
        PretendLanes? lanes = null;
        SessionProtocol? protocol = null;
        try
        {
            protocol = new SessionProtocol(
                connection, LoadedCoordinator.Origin, new HeldData(), meter, _ => "none",
                (spec, layout, _) => lanes = new PretendLanes(spec, layout, shardMicroseconds, protocol!.SendNode), network);
            while (protocol.OnFrame(connection.ReceiveHeader()))
            {
            }
        }
        catch (StreamException)
        {
            // The coordinator has measured enough.
        }
        finally
        {
            lanes?.Stop();
            connection.Dispose();
            protocol?.Dispose();
        }
    }

    // Thread.Sleep knows no less than a millisecond.
    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);

    private sealed class PretendLanes : ILanes
    {
        private static readonly Lock Shared = new();
        private static AlignedBuffer? _gradient;

        private readonly RunSpec _spec;
        private readonly ReductionTree _tree;
        private readonly int _length;
        private readonly double _shardMicroseconds;
        private readonly LaneTeam.SendNode _send;
        private readonly object _lock = new();
        private readonly List<WeightsBuffer> _buffers = [];
        private readonly Queue<(long Step, TreeNode Node)> _work = new();
        private WeightsBuffer? _current;
        private bool _isOver;

        public PretendLanes(RunSpec spec, ParameterLayout layout, double shardMicroseconds, LaneTeam.SendNode send)
        {
            (_spec, _tree, _length, _shardMicroseconds, _send) =
                (spec, new ReductionTree(spec.Shards), layout.Length, shardMicroseconds, send);
            lock (Shared)
            {
                _gradient ??= new AlignedBuffer(layout.TrainableLength);
                // As after a batch in which every pixel is somewhere: the most that a gradient can take.
                _gradient.Span.Fill(1e-6f);
            }

            new Thread(Compute) { IsBackground = true }.Start();
        }

        public WeightsBuffer TakeBuffer()
        {
            lock (_lock)
            {
                WeightsBuffer? free = _buffers.Find(buffer => buffer != _current && buffer.IsFree);
                if (free is null)
                    _buffers.Add(free = new WeightsBuffer(new AlignedBuffer(_length)));
                free.IsTaken = true;
                return free;
            }
        }

        public void ReturnBuffer(WeightsBuffer buffer)
        {
            lock (_lock)
                buffer.IsTaken = false;
        }

        public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes)
        {
            lock (_lock)
            {
                weights.IsTaken = false;
                _current = weights;
                _work.Clear();
            }

            Extend(step, nodes);
        }

        public void Extend(long step, IReadOnlyList<TreeNode> nodes)
        {
            lock (_lock)
            {
                foreach (TreeNode node in nodes)
                    _work.Enqueue((step, node));
                Monitor.Pulse(_lock);
            }
        }

        public void LeaveCaller()
        {
            // It has a thread.
        }

        public void SetFrozen(ReadOnlySpan<float> values)
        {
            // Nothing is computed with them.
        }

        public void ShareGradients(IReadOnlyList<AlignedBuffer> slots)
        {
            // As workers of other machines.
        }

        public void HaveExamples(long untilStep)
        {
            // They are not looked at.
        }

        public void Stop()
        {
            lock (_lock)
            {
                _isOver = true;
                Monitor.Pulse(_lock);
            }
        }

        private void Compute()
        {
            while (true)
            {
                long step;
                TreeNode node;
                lock (_lock)
                {
                    while (!_isOver && _work.Count == 0)
                        Monitor.Wait(_lock);
                    if (_isOver)
                        return;
                    (step, node) = _work.Dequeue();
                }

                double time = _tree.Width(node) * _shardMicroseconds;
                if (time > 0)
                    _ = Sleep((uint)time);
                int examples = BatchPosition.Of(_spec, step).ExamplesOf(node, _tree);
                try
                {
                    _ = _send(
                        step, node, new NodeResult(_gradient!) { Statistics = new NodeStatistics(1, 1, examples) },
                        TimeSpan.FromMicroseconds(Math.Max(1, time)));
                }
                catch (StreamException)
                {
                    return;
                }
            }
        }
    }
}
