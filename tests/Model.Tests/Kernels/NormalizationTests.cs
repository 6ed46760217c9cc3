using Lockstep.Model.Kernels;

namespace Lockstep.Model.Tests.Kernels;

public class NormalizationTests
{
    public static TheoryData<int, int> Shapes => new() { { 1, 1 }, { 3, 7 }, { 4, 9 }, { 6, 1 }, { 17, 4 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EveryKernel_EveryWidth_GivesTheBitsOfTheScalarReference(int channels, int places)
    {
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            float[] Block(uint salt) => KernelCases.Values(channels * places * MapShape.Lanes, content, salt);
            float[] OfLanes(uint salt) => KernelCases.Values(channels * MapShape.Lanes, content, salt);
            float[] scale = KernelCases.Values(channels, content, 5), offset = KernelCases.Values(channels, content, 6);

            KernelCases.AssertEqualBits(
                $"values, {content}",
                (width, o) => Normalization.Reduce<ValueTerm>(width, channels, places, o[0].Span, default, default, default, o[1].Span),
                Block(1), OfLanes(2));
            KernelCases.AssertEqualBits(
                $"squares, {content}",
                (width, o) => Normalization.Reduce<SquareTerm>(width, channels, places, o[0].Span, default, o[2].Span, default, o[1].Span),
                Block(1), OfLanes(2), OfLanes(3));
            KernelCases.AssertEqualBits(
                $"slopes, {content}",
                (width, o) => Normalization.Reduce<SlopeTerm>(
                    width, channels, places, o[0].Span, o[4].Span, o[2].Span, o[3].Span, o[1].Span),
                Block(1), OfLanes(2), OfLanes(3), OfLanes(4), Block(7));
            KernelCases.AssertEqualBits(
                $"forward, {content}",
                (width, o) => Normalization.Forward(
                    width, places, o[0].Span, o[2].Span, o[3].Span, o[4].Span, o[5].Span, o[1].Span),
                Block(1), Block(2), OfLanes(3), OfLanes(4), scale, offset);
            KernelCases.AssertEqualBits(
                $"input gradient, {content}",
                (width, o) => Normalization.InputGradient(
                    width, places, o[0].Span, o[1].Span, new NormalizationLanes(o[3].Span, o[4].Span, o[5].Span, o[6].Span), o[7].Span,
                    o[2].Span),
                Block(1), Block(2), Block(8), OfLanes(3), OfLanes(4), OfLanes(5), OfLanes(6), scale);
        }
    }

    [Fact]
    public void EveryKernel_ShortOperands_AreRefused()
    {
        float[] block = new float[3 * 2 * 16], lanes = new float[3 * 16];
        Assert.Throws<ArgumentException>(
            () => Normalization.Reduce<ValueTerm>(0, 3, 2, block.AsSpan(1), default, default, default, lanes));
        Assert.Throws<ArgumentException>(() => Normalization.Reduce<SquareTerm>(0, 3, 2, block, default, default, default, lanes));
        Assert.Throws<ArgumentException>(() => Normalization.Reduce<SlopeTerm>(0, 3, 2, block, default, lanes, lanes, lanes));
        Assert.Throws<ArgumentException>(
            () => Normalization.Forward(0, 2, block, lanes, lanes, new float[3], new float[3], block.AsSpan(1)));
        Assert.Throws<ArgumentException>(
            () => Normalization.InputGradient(0, 2, block, block, new NormalizationLanes(lanes, lanes, lanes, default), new float[3], block));
    }
}
