using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row e: one weights frame to another process and one gradient frame back, hashes and all, over an echo of as many bytes by bare blocking
/// sockets between the same two processes. A gradient echoes what came, so that the bytes are verified as well.
/// </summary>
internal static class StreamOverSockets
{
    private const int TripsARound = 500;
    private const string Model = "784-256-10";
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse(Model));

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        int length = Layout.Length * sizeof(float);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Process other = SelfProcess.Start(["echo-server", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", Model]);
        using var framed = new TensorConnection(listener.Accept()) { Limits = StreamLimits.For(Layout) };
        using Socket bare = listener.Accept();
        bare.NoDelay = true;

        byte[] weights = new byte[length], gradient = new byte[length], bytes = new byte[FrameHeader.Size + length];
        Random.Shared.NextBytes(weights);
        Frames(framed, weights, gradient, TripsARound);
        Bytes(bare, bytes, TripsARound);
        Check.Equal("bytes that came back", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(gradient)), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(weights)));
        var stream = new List<double>();
        var sockets = new List<double>();
        for (int round = 0; round < Math.Max(context.Rounds, 5); round++)
        {
            stream.Add(Frames(framed, weights, gradient, TripsARound));
            sockets.Add(Bytes(bare, bytes, TripsARound));
        }

        framed.Dispose();
        bare.Dispose();
        other.WaitForExit();
        var ours = new Series("tensor stream", "us", stream);
        var theirs = new Series("bare blocking sockets", "us", sockets);
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "e",
                What = $"round trip of a weights and a gradient frame ({length:N0} bytes each) between two processes, over bare blocking sockets",
                Figure = ours.Over(theirs, "ratio"),
                Goal = Goal.Most(1.5, 1.2),
                Measured = [ours, theirs],
                Note = $"mean of {TripsARound} round trips a round",
            },
        ]);
    }

    private static double Frames(TensorConnection connection, byte[] weights, byte[] gradient, int trips)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < trips; i++)
        {
            connection.Send(new FrameHeader { Kind = FrameKind.Weights, Step = i }, weights);
            FrameHeader header = connection.ReceiveHeader(FrameKind.Gradient);
            connection.ReceivePayload(header, gradient);
        }

        return clock.Elapsed.TotalMicroseconds / trips;
    }

    private static double Bytes(Socket socket, byte[] bytes, int trips)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < trips; i++)
        {
            socket.Send(bytes);
            EchoServer.Receive(socket, bytes);
        }

        return clock.Elapsed.TotalMicroseconds / trips;
    }
}
