using System.Buffers.Binary;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Streaming;

namespace Lockstep.Shared.Tests.Streaming;

public class FrameHeaderTests
{
    private static readonly FrameHeader Sample = new()
    {
        Kind = FrameKind.Gradient,
        Run = 0x1122_3344_5566_7788,
        Term = 5,
        Step = 0x0102_0304_0506_0708,
        Node = new TreeNode(3, 0x0A0B0C).ToKey(),
        PayloadLength = 820_288,
        Statistics = new NodeStatistics(1.5, 6, 7),
        ComputeMicroseconds = 1_000,
        Plan = 3,
        First = 0x0D0E0F,
        Hash = 0xF0E0_D0C0_B0A0_9080,
    };

    [Fact]
    public void Write_KnownHeader_HasTheGoldenBytes()
    {
        byte[] bytes = new byte[FrameHeader.Size];
        Sample.Write(bytes);

        Assert.Equal(
            "4C4B5354" + "03" + "07" + "0000" // magic, version, kind, zero
            + "8877665544332211" + "0807060504030201" + "05000000" // run, step, term
            + "0C0B0A03" + "40840C00" + "E8030000" // node, payload length, compute time
            + "000000000000F83F" + "06000000" + "07000000" // loss sum, correct, examples
            + "03000000" + "0F0E0D00" // plan, first float of the slice
            + "8090A0B0C0D0E0F0", // hash
            Convert.ToHexString(bytes));
        Assert.Equal(Sample, FrameHeader.Read(bytes, "peer"));
    }

    [Theory]
    [InlineData(0, 0x00, StreamError.BadMagic)]
    [InlineData(3, 0x55, StreamError.BadMagic)]
    [InlineData(4, 0x01, StreamError.BadVersion)]
    [InlineData(5, 0x00, StreamError.BadHeader)]
    [InlineData(5, 0x1D, StreamError.BadHeader)]
    [InlineData(5, 0xFF, StreamError.BadHeader)]
    [InlineData(6, 0x01, StreamError.BadHeader)]
    [InlineData(23, 0x80, StreamError.BadHeader)] // step < 0
    [InlineData(27, 0x80, StreamError.BadHeader)] // term < 0
    [InlineData(35, 0x80, StreamError.BadHeader)] // payload length < 0
    [InlineData(39, 0x80, StreamError.BadHeader)] // compute time < 0
    [InlineData(51, 0x80, StreamError.BadHeader)] // correct < 0
    [InlineData(48, 0x08, StreamError.BadHeader)] // more correct than examples
    [InlineData(55, 0x80, StreamError.BadHeader)] // examples < 0
    [InlineData(59, 0x80, StreamError.BadHeader)] // plan < 0
    [InlineData(63, 0x80, StreamError.BadHeader)] // first float < 0
    public void Read_FieldOutOfRange_IsRefusedNamingThePeer(int offset, byte value, StreamError expected)
    {
        byte[] bytes = new byte[FrameHeader.Size];
        Sample.Write(bytes);
        bytes[offset] = value;

        var error = Assert.Throws<StreamException>(() => FrameHeader.Read(bytes, "10.0.0.7:4053"));

        Assert.Equal(expected, error.Error);
        Assert.Contains("10.0.0.7:4053", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MoreExamplesThanABatchCanHave_Throws() =>
        Assert.Throws<OverflowException>(
            () => (Sample with { Statistics = new NodeStatistics(1, 1, 1L << 31) }).Write(new byte[FrameHeader.Size]));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Read_LossOfADivergedRun_IsPassedOnUnchanged(double loss)
    {
        byte[] bytes = new byte[FrameHeader.Size];
        (Sample with { Statistics = new NodeStatistics(loss, 0, 1) }).Write(bytes);

        Assert.Equal(loss, FrameHeader.Read(bytes, "peer").Statistics.LossSum);
        Assert.Equal(BitConverter.DoubleToInt64Bits(loss), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40)));
    }
}
