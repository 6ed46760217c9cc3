using System.Runtime.InteropServices;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class TensorConnectionTests
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("784-256-10"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_320)]
    [InlineData(16_321)]
    [InlineData(820_288)]
    public async Task Send_PayloadOfAnyLength_ArrivesUnchanged(int length)
    {
        using var pair = new StreamPair();
        pair.Far.Limits = StreamLimits.For(Layout);
        byte[] payload = new byte[length];
        new Random(1).NextBytes(payload);
        var header = new FrameHeader
        {
            Kind = FrameKind.Gradient,
            Run = ulong.MaxValue,
            Term = 3,
            Step = long.MaxValue,
            Node = new TreeNode(2, 5).ToKey(),
            Statistics = new NodeStatistics(double.NaN, 7, 9),
            ComputeMicroseconds = 1234,
        };

        Task sending = StreamPair.OnThread(() => pair.Near.Send(header, payload));
        FrameHeader received = pair.Far.ReceiveHeader();
        byte[] actual = new byte[length];
        pair.Far.ReceivePayload(received, actual);
        await sending.WaitAsync(StreamPair.Deadline);

        Assert.Equal(header with { PayloadLength = length, Hash = received.Hash }, received);
        Assert.Equal(payload, actual);
        Assert.Equal(FrameHeader.Size + length, pair.Near.BytesSent);
        Assert.Equal(FrameHeader.Size + length, pair.Far.BytesReceived);
    }

    [Fact]
    public void Send_SteadyState_AllocatesNothing()
    {
        using var pair = new StreamPair();
        pair.Far.Limits = StreamLimits.For(Layout);
        float[] tensor = new float[8_000];
        var header = new FrameHeader { Kind = FrameKind.Weights };
        void Exchange(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                pair.Near.Send(header with { Step = i }, MemoryMarshal.AsBytes(tensor.AsSpan()));
                FrameHeader received = pair.Far.ReceiveHeader();
                pair.Far.ReceivePayload(received, MemoryMarshal.AsBytes(tensor.AsSpan()));
            }
        }

        Exchange(50);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(200);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
