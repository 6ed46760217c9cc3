using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Bench.Compare;

/// <summary>
/// The other process of a <see cref="LoadedCoordinator"/>: workers that take part as real ones do, on a tensor stream and a thread each,
/// but compute nothing: the gradient of every node is the same bytes, and is sent when the time that computing would take has passed.
/// </summary>
internal static partial class SimulatedWorkers
{
    /// <summary>Connects some workers to a coordinator; returns when it has closed all streams.</summary>
    public static int Run(IPEndPoint coordinator, int count, double shardMicroseconds)
    {
        var threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(coordinator);
            threads[i] = new Thread(() => Follow(new TensorConnection(socket), shardMicroseconds));
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        return 0;
    }

    private static void Follow(TensorConnection connection, double shardMicroseconds)
    {
        try
        {
            FrameHeader header = connection.ReceiveHeader(FrameKind.RunSpec);
            byte[] encoded = new byte[header.PayloadLength];
            connection.ReceivePayload(header, encoded);
            RunSpec spec = RunSpecCodec.Decode(encoded);
            _ = DatasetReceiver.ReceiveAll(connection, spec, header.Run);
            var layout = new ParameterLayout(spec.Model);
            connection.Limits = StreamLimits.For(layout);
            float[] gradient = new float[layout.TrainableLength];
            // As after a batch in which every pixel is somewhere: the most that a gradient can take.
            Array.Fill(gradient, 1e-6f);
            var runs = new TensorRuns(layout);
            var tree = new ReductionTree(spec.Shards);
            IReadOnlyList<TreeNode> nodes = [];
            while (true)
            {
                header = connection.ReceiveHeader();
                switch (header.Kind)
                {
                    case FrameKind.Assign:
                        (AssignmentKind kind, IReadOnlyList<TreeNode> assigned) = Assignment.Receive(connection, header, tree);
                        if (kind == AssignmentKind.FromThisStepOn)
                            nodes = assigned;
                        else
                            Answer(connection, header, assigned, gradient, runs, spec, tree, shardMicroseconds);
                        break;
                    case FrameKind.SharedMemory:
                        connection.SkipPayload(header); // Not taken up: as workers of other machines.
                        break;
                    case FrameKind.Weights:
                        connection.SkipPayload(header);
                        Answer(connection, header, nodes, gradient, runs, spec, tree, shardMicroseconds);
                        break;
                    default:
                        return;
                }
            }
        }
        catch (StreamException)
        {
            // The coordinator has measured enough.
        }
        finally
        {
            connection.Dispose();
        }
    }

    private static void Answer(
        TensorConnection connection, FrameHeader asked, IReadOnlyList<TreeNode> nodes, float[] gradient, TensorRuns runs, RunSpec spec,
        ReductionTree tree,
        double shardMicroseconds)
    {
        foreach (TreeNode node in nodes)
        {
            if (shardMicroseconds > 0)
                _ = Sleep((uint)(tree.Width(node) * shardMicroseconds));
            connection.Send(
                new FrameHeader
                {
                    Kind = FrameKind.Gradient,
                    Run = asked.Run,
                    Term = asked.Term,
                    Step = asked.Step,
                    Node = node.ToKey(),
                    Statistics = new NodeStatistics(1, 1, BatchPosition.Of(spec, asked.Step).ExamplesOf(node, tree)),
                    ComputeMicroseconds = 1,
                },
                gradient, runs);
        }
    }

    // Thread.Sleep knows no less than a millisecond.
    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);
}
