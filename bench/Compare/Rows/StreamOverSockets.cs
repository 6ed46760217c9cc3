using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tls;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row e: weights to another process and a gradient back, over an echo of as many bytes by bare blocking sockets between the same two
/// processes: as between processes of one machine, in memory that both share, and as between machines, in frames, hashes and all, without
/// and with TLS. The gradient that comes back is compared with the one that was sent at first.
/// </summary>
internal static class StreamOverSockets
{
    private const int TripsARound = 500;
    private const string Model = "784-256-10";
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse(Model));

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        // A real gradient: pixels that are dark in the whole batch have none, and are not sent.
        RunSpec spec = context.Spec(Model, 256);
        var runs = new TensorRuns(Layout);
        AlignedBuffer initial = new(Layout.Length), real = new(Layout.TrainableLength);
        Initialization.Fill(spec, Layout, initial.Span);
        new GradientLane(spec, Layout, context.Data.Training, new ExampleOrder(spec))
            .Compute(new TreeNode(2, 0), BatchPosition.Of(spec, 3), initial.Span, real.Span);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var certificates = new TwoNodes();
        using Process other = SelfProcess.Start(
            ["echo-server", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", Model, certificates.There]);
        using var framed = new TensorConnection(listener.Accept()) { Limits = StreamLimits.For(Layout) };
        using var shared = new TensorConnection(listener.Accept()) { Limits = StreamLimits.For(Layout) };
        using Socket bare = listener.Accept();
        bare.NoDelay = true;
        using var encrypted = new TensorConnection(listener.Accept()) { Limits = StreamLimits.For(Layout) };
        Check.Equal(
            "what is wrong with the certificate of the other process",
            $"{encrypted.Encrypt(ClusterTls.Read(certificates.Here), isServer: true)}", "");

        byte[] weights = initial.Bytes[..(Layout.TrainableLength * sizeof(float))].ToArray();
        float[] gradient = new float[Layout.TrainableLength];
        framed.Send(new FrameHeader { Kind = FrameKind.Gradient }, real.Span, runs);
        encrypted.Send(new FrameHeader { Kind = FrameKind.Gradient }, real.Span, runs);
        byte[] bytesOut = new byte[FrameHeader.Size + weights.Length], bytesBack = new byte[FrameHeader.Size + runs.PayloadLength];
        bare.Send(BitConverter.GetBytes(runs.PayloadLength));
        SharedMemory sharedWeights = SharedMemory.TryCreate(2, Layout.Length, othersWrite: false)
            ?? throw new RowSkippedException("memory is shared between processes on Linux only.");
        SharedMemory sharedGradients = SharedMemory.TryCreate(1, Layout.TrainableLength, othersWrite: true)!;
        AlignedBuffer[] slots = [sharedWeights[0], sharedWeights[1]];
        AlignedBuffer slotBack = sharedGradients[0];
        real.Span.CopyTo(slotBack.Span);
        shared.Send(new FrameHeader { Kind = FrameKind.SharedMemory }, SharedTensors.Offer(sharedWeights, sharedGradients));
        shared.ReceiveHeader(FrameKind.SharedMemory);
        slotBack.Span.Clear();
        Slots(shared, initial, slots, slotBack, gradient, TripsARound);
        Check.Equal("whether the gradient came back in shared memory as it was sent", $"{real.Span.SequenceEqual(gradient)}", $"{true}");
        gradient.AsSpan().Clear();
        Frames(encrypted, weights, gradient, runs, TripsARound);
        Check.Equal("whether the gradient came back in TLS as it was sent", $"{real.Span.SequenceEqual(gradient)}", $"{true}");
        gradient.AsSpan().Clear();
        Frames(framed, weights, gradient, runs, TripsARound);
        Bytes(bare, bytesOut, bytesBack, TripsARound);
        Check.Equal("whether the gradient came back as it was sent", $"{real.Span.SequenceEqual(gradient)}", $"{true}");
        var stream = new List<double>();
        var tls = new List<double>();
        var memory = new List<double>();
        var sockets = new List<double>();
        for (int round = 0; round < Math.Max(context.Rounds, 5); round++)
        {
            memory.Add(Slots(shared, initial, slots, slotBack, gradient, TripsARound));
            stream.Add(Frames(framed, weights, gradient, runs, TripsARound));
            tls.Add(Frames(encrypted, weights, gradient, runs, TripsARound));
            sockets.Add(Bytes(bare, bytesOut, bytesBack, TripsARound));
        }

        framed.Dispose();
        shared.Dispose();
        bare.Dispose();
        encrypted.Dispose();
        other.WaitForExit();
        var ours = new Series("tensor stream, shared memory", "us", memory);
        var network = new Series("tensor stream, frames", "us", stream);
        var inTls = new Series("tensor stream, frames in TLS 1.3", "us", tls);
        var theirs = new Series("bare blocking sockets", "us", sockets);
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "e",
                What = $"round trip of weights ({bytesOut.Length:N0} bytes) and a gradient ({bytesBack.Length:N0} bytes as a frame) "
                    + "between two processes of one machine, over bare blocking sockets",
                Figure = ours.Over(theirs, "ratio"),
                Goal = Goal.Most(1.5, 1.2),
                Measured = [ours, network, theirs],
                Note = $"mean of {TripsARound} round trips a round; what is shared is copied once by each side, as by a socket",
            },
            new Finding { Row = "e", What = "the same in frames, as between machines (`--transport stream`), over bare "
                + "blocking sockets", Figure = network.Over(theirs, "ratio") },
            new Finding { Row = "e", What = "the same in frames in TLS 1.3 (`--tls-dir`), over "
                + "frames without", Figure = inTls.Over(network, "ratio"), Measured = [inTls] },
        ]);
    }

    /// <summary>Certificates of two nodes of one authority.</summary>
    private sealed class TwoNodes : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-bench-");

        public TwoNodes()
        {
            string authority = Path.Combine(_folder.FullName, "ca");
            CertificateAuthority.Create(authority, days: 1, TimeProvider.System).Dispose();
            (Here, There) = (Path.Combine(_folder.FullName, "here"), Path.Combine(_folder.FullName, "there"));
            foreach (string node in new[] { Here, There })
                CertificateAuthority.Issue(authority, ["127.0.0.1"], node, days: 1, TimeProvider.System).Dispose();
        }

        public string Here { get; }

        public string There { get; }

        public void Dispose() => _folder.Delete(recursive: true);
    }

    private static double Frames(TensorConnection connection, byte[] weights, float[] gradient, TensorRuns runs, int trips)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < trips; i++)
        {
            connection.Send(new FrameHeader { Kind = FrameKind.Weights, Step = i }, weights);
            FrameHeader header = connection.ReceiveHeader(FrameKind.Gradient);
            connection.ReceivePayload(header, gradient, runs);
        }

        return clock.Elapsed.TotalMicroseconds / trips;
    }

    private static double Slots(
        TensorConnection connection, AlignedBuffer weights, AlignedBuffer[] slots, AlignedBuffer slotBack, float[] gradient, int trips)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < trips; i++)
        {
            weights.Span.CopyTo(slots[i % slots.Length].Span);
            SharedTensors.SendSlot(connection, new FrameHeader { Kind = FrameKind.SharedWeights, Step = i }, i % slots.Length);
            FrameHeader header = connection.ReceiveHeader(FrameKind.SharedGradient);
            SharedTensors.ReceiveSlot(connection, header, 1);
            slotBack.Span.CopyTo(gradient);
        }

        return clock.Elapsed.TotalMicroseconds / trips;
    }

    private static double Bytes(Socket socket, byte[] bytesOut, byte[] bytesBack, int trips)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < trips; i++)
        {
            socket.Send(bytesOut);
            EchoServer.Receive(socket, bytesBack);
        }

        return clock.Elapsed.TotalMicroseconds / trips;
    }
}
