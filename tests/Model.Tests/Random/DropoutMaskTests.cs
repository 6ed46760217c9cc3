using Lockstep.Model.Random;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Random;

public class DropoutMaskTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.01)]
    public void Fill_ManyUnits_KeepsTheirShareIndependently(double keepProb)
    {
        const int rows = 400, stride = 256;
        var keep = new uint[rows * stride];
        DropoutMask.Fill(KernelDispatch.Width, keep, stride, DropoutMask.Threshold(keepProb), 1, 0, 0, 0);
        Assert.All(keep, mask => Assert.True(mask is 0 or uint.MaxValue));
        double deviation = Math.Sqrt(keepProb * (1 - keepProb) / keep.Length);
        Assert.Equal(keepProb, Share(keep), 5 * deviation);

        // Neighbours in the row, in the column, and units that share a block are kept together as often as chance has it.
        foreach (int distance in new[] { 1, 16, 128, stride })
        {
            double both = Enumerable.Range(0, keep.Length - distance)
                .Count(i => keep[i] != 0 && keep[i + distance] != 0) / (double)(keep.Length - distance);
            Assert.Equal(keepProb * keepProb, both, 5 * Math.Sqrt(keepProb * keepProb / keep.Length));
        }
    }

    [Fact]
    public void Fill_PartOfABatch_EqualsThatPartOfTheWhole()
    {
        foreach (int stride in new[] { 16, 48, 128, 144, 400 })
        {
            uint[] whole = new uint[12 * stride], part = new uint[5 * stride];
            DropoutMask.Fill(KernelDispatch.Width, whole, stride, 30000, 3, 9, 1, 100);
            DropoutMask.Fill(KernelDispatch.Width, part, stride, 30000, 3, 9, 1, 104);
            Assert.Equal(whole[(4 * stride)..(9 * stride)], part);
        }
    }

    [Fact]
    public void Fill_AnotherSeedStepLayerOrPosition_GivesAnotherMask()
    {
        uint[] Mask(ulong seed, long step, int layer, int position)
        {
            var keep = new uint[128];
            DropoutMask.Fill(KernelDispatch.Width, keep, 128, 32768, seed, step, layer, position);
            return keep;
        }

        uint[][] masks =
            [Mask(1, 1, 1, 1), Mask(2, 1, 1, 1), Mask(1ul << 40, 1, 1, 1), Mask(1, 2, 1, 1), Mask(1, 1, 2, 1), Mask(1, 1, 1, 2)];
        Assert.Equal(masks.Length, masks.Select(mask => string.Join(',', mask)).Distinct().Count());
    }

    private static double Share(uint[] keep) => keep.Count(mask => mask != 0) / (double)keep.Length;
}
