using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class TensorRunsTests
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("784-256-10"));
    private static readonly int Stride = Layout.Layers[0].Parameters[0].Stride;

    public static TheoryData<int[]> ZeroRows => new(
        [], [0], [783], [.. Enumerable.Range(0, 784)],
        [.. Enumerable.Range(0, 100), .. Enumerable.Range(300, 6), .. Enumerable.Range(700, 84)],
        [.. Enumerable.Range(100, 600).Where(row => row / 10 % 2 == 0)], [.. Enumerable.Range(0, 784).Where(row => row % 2 == 0)]);

    [Theory]
    [MemberData(nameof(ZeroRows))]
    public void Find_NearOrFar_CoversWhatIsNotZeroAndLeavesNoShortGap(int[] zeroRows)
    {
        foreach ((bool isLoopback, int leastGap) in new[] { (false, 1024), (true, 4096) })
        {
            float[] gradient = Gradient(zeroRows), filled = new float[Layout.TrainableLength];
            var runs = new TensorRuns(Layout);
            runs.Find(gradient, isLoopback);

            foreach ((int first, int count) in runs.Runs)
                gradient.AsSpan(first, count).CopyTo(filled.AsSpan(first));
            Assert.Equal(MemoryMarshal.AsBytes(gradient.AsSpan()), MemoryMarshal.AsBytes(filled.AsSpan()));
            AssertGaps(runs, leastGap);
        }
    }

    [Theory]
    [MemberData(nameof(ZeroRows))]
    public async Task Send_GradientWithZeroRows_ArrivesBitForBitAndShorter(int[] zeroRows)
    {
        float[] gradient = Gradient(zeroRows), received = new float[Layout.TrainableLength];
        Array.Fill(received, float.NaN);
        using var pair = new StreamPair();
        pair.Far.Limits = StreamLimits.For(Layout);

        Task sending = StreamPair.OnThread(
            () => pair.Near.Send(new FrameHeader { Kind = FrameKind.Gradient, Step = 7 }, gradient, new TensorRuns(Layout)));
        FrameHeader header = pair.Far.ReceiveHeader();
        var runs = new TensorRuns(Layout);
        pair.Far.ReceivePayload(header, received, runs);
        await sending.WaitAsync(StreamPair.Deadline);

        AssertGaps(runs, leastGap: 4096); // The pair is on one machine.
        Assert.Equal(MemoryMarshal.AsBytes(gradient.AsSpan()), MemoryMarshal.AsBytes(received.AsSpan()));
        int whole = Layout.TrainableLength * sizeof(float), rowBytes = Stride * sizeof(float);
        Assert.InRange(header.PayloadLength, whole - zeroRows.Length * rowBytes, whole + 100 * sizeof(uint));
        if (zeroRows.Length == 784)
            Assert.True(header.PayloadLength < rowBytes * 20, $"{header.PayloadLength} bytes for an input layer that is zero throughout.");
    }

    [Theory]
    [InlineData(0u, 32u, 48u, 16u, true)]
    [InlineData(0u, 32u, 32u, 16u, false)] // Touches the one before.
    [InlineData(64u, 32u, 0u, 16u, false)] // Descends.
    [InlineData(0u, 0u, 48u, 16u, false)] // Is empty.
    [InlineData(8u, 16u, 48u, 16u, false)] // Is not aligned.
    [InlineData(0u, 8u, 48u, 16u, false)]
    [InlineData(0u, 32u, 4_294_967_280u, 16u, false)] // Lies beyond the gradient.
    [InlineData(0u, 32u, 48u, 4_294_967_280u, false)]
    public async Task Receive_TableOfOtherRuns_IsRefused(uint first, uint count, uint nextFirst, uint nextCount, bool isGood)
    {
        var payload = new byte[5 * sizeof(uint) + (32 + 16) * sizeof(float)];
        foreach ((int i, uint value) in new[] { 2u, first, count, nextFirst, nextCount }.Index())
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(i * sizeof(uint)), value);

        StreamException? error = await ReceiveAsync(payload);

        Assert.Equal(isGood ? null : StreamError.BadContent, error?.Error);
    }

    [Fact]
    public async Task Receive_MoreRunsThanAGradientCanHave_IsRefusedWithoutReadingThem()
    {
        var payload = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, uint.MaxValue);

        Assert.Equal(StreamError.BadContent, (await ReceiveAsync(payload))?.Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(200)]
    public async Task Receive_PayloadOfAnotherLengthThanItsRuns_IsRefused(int length)
    {
        var payload = new byte[length];
        if (length > 4)
            payload[0] = 1;
        if (length > 12)
            payload[8] = 16; // One run of 16 floats: 64 bytes after a table of 12.

        Assert.Equal(StreamError.WrongLength, (await ReceiveAsync(payload))?.Error);
    }

    private static async Task<StreamException?> ReceiveAsync(byte[] payload)
    {
        using var pair = new StreamPair();
        pair.Far.Limits = StreamLimits.For(Layout);
        Task sending = StreamPair.OnThread(() => pair.Near.Send(new FrameHeader { Kind = FrameKind.Gradient }, payload));
        StreamException? error = null;
        try
        {
            pair.Far.ReceivePayload(pair.Far.ReceiveHeader(), new float[Layout.TrainableLength], new TensorRuns(Layout));
        }
        catch (StreamException exception)
        {
            error = exception;
        }

        await sending.WaitAsync(StreamPair.Deadline);
        return error;
    }

    private static void AssertGaps(TensorRuns runs, int leastGap)
    {
        for (int i = 1; i < runs.Runs.Length; i++)
            Assert.True(runs.Runs[i].First - runs.Runs[i - 1].First - runs.Runs[i - 1].Count >= leastGap);
    }

    private static float[] Gradient(int[] zeroRows)
    {
        var random = new Random(1);
        float[] gradient = [.. Enumerable.Range(0, Layout.TrainableLength).Select(_ => random.NextSingle() - 0.5f)];
        foreach (int row in zeroRows)
            gradient.AsSpan(row * Stride, Stride).Clear();
        return gradient;
    }
}
