using Lockstep.Model.Augmenting;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Augmenting;

public class AugmentationDrawTests
{
    private static readonly AugmentationSpec Spec = AugmentationSpec.Parse("shift:3,rotate:20,scale:0.2,flip:0.25,vflip:0.75,cutout:4");

    private static readonly AugmentationDraw[] Draws =
        [.. Enumerable.Range(0, 20_000).Select(i => AugmentationDraw.Of(Spec, 7, epoch: i % 5, example: i))];

    [Fact]
    public void Of_ManyImages_StaysWithinTheStrengthsAndFillsThem()
    {
        Assert.Equal(Enumerable.Range(-3, 7), Draws.Select(draw => draw.ShiftX).Distinct().Order());
        Assert.Equal(Enumerable.Range(-3, 7), Draws.Select(draw => draw.ShiftY).Distinct().Order());
        AssertFills(-20, 20, draw => draw.Degrees);
        AssertFills(0.8, 1.2, draw => draw.Factor);
        AssertFills(0, uint.MaxValue, draw => draw.HoleX);
        AssertFills(0, uint.MaxValue, draw => draw.HoleY);
        Assert.InRange(Draws.Count(draw => draw.IsFlipped), 4_700, 5_300);
        Assert.InRange(Draws.Count(draw => draw.IsVerticallyFlipped), 14_700, 15_300);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Of_FlipOfNoneOrAll_FlipsNoneOrAll(double share, bool flips) =>
        Assert.All(
            Enumerable.Range(0, 1_000),
            i => Assert.Equal(flips, AugmentationDraw.Of(new AugmentationSpec { Flip = share }, 7, 0, i).IsFlipped));

    [Fact]
    public void Of_AnotherStrength_ChangesNoOtherNumber() =>
        Assert.Equal(
            AugmentationDraw.Of(Spec, 7, 3, 11) with { ShiftX = 0, ShiftY = 0 }, AugmentationDraw.Of(Spec with { Shift = 0 }, 7, 3, 11));

    [Fact]
    public void Of_AnotherSeedEpochOrExample_IsAnotherDraw()
    {
        AugmentationDraw[] draws =
        [
            AugmentationDraw.Of(Spec, 7, 3, 11), AugmentationDraw.Of(Spec, 8, 3, 11), AugmentationDraw.Of(Spec, 7, 4, 11),
            AugmentationDraw.Of(Spec, 7, 3, 12),
        ];
        Assert.Equal(draws.Length, draws.Distinct().Count());
        Assert.Equal(draws[0], AugmentationDraw.Of(Spec, 7, 3, 11));
    }

    // Uniform numbers: all in the range, a tenth of them in its first and a tenth in its last tenth.
    private static void AssertFills(double from, double to, Func<AugmentationDraw, double> of)
    {
        double tenth = (to - from) / 10;
        Assert.All(Draws, draw => Assert.InRange(of(draw), from, to));
        Assert.InRange(Draws.Count(draw => of(draw) < from + tenth), 1_850, 2_150);
        Assert.InRange(Draws.Count(draw => of(draw) > to - tenth), 1_850, 2_150);
    }
}
