using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Random;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Training;

public class PixelDropoutTests
{
    private static readonly RunSpec Spec = TestRuns.Spec("150-5", examples: 12, inputKeepProb: 0.6);
    private static readonly ImageSet Images = TestRuns.Images(Spec);

    [Fact]
    public void Thin_AnyBatch_HoldsThePixelsKeptInOrderAndDividedByTheKeepProbability()
    {
        int[] examples = [7, 0, 11, 7];
        const int first = 3, step = 5, stride = 160;
        var keep = new uint[examples.Length * stride];
        DropoutMask.Fill(SimdWidth.Scalar, keep, stride, DropoutMask.Threshold(0.6), Spec.Seed, step, DropoutMask.InputLayer, first);
        var dense = new byte[Images.Pixels];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            var thinned = new PixelDropout(Images.Pixels, Spec.Model.InputKeepProb, Spec.Seed, width);
            _ = thinned.Thin(new PixelBatch(Images, [1, 2]), step: 0, firstPosition: 0);
            PixelBatch batch = thinned.Thin(new PixelBatch(Images, examples), step, first);

            Assert.Equal((4, 150), (batch.Count, batch.Pixels));
            for (int row = 0; row < examples.Length; row++)
            {
                Images.CopyPixels(examples[row], dense);
                var expected = Enumerable.Range(0, 150).Where(p => dense[p] != 0 && keep[row * stride + p] != 0)
                    .Select(p => (p, dense[p] / 255f * (float)(1 / 0.6))).ToList();
                var actual = new List<(int, float)>();
                foreach (uint entry in batch.Entries[batch.RowStarts[batch.Examples[row]]..batch.RowStarts[batch.Examples[row] + 1]])
                {
                    int pixel = 2 * (int)(entry >> 16);
                    actual.Add((pixel, batch.Scaled[(int)entry & 0xFF]));
                    actual.Add((pixel + 1, batch.Scaled[(int)(entry >> 8) & 0xFF]));
                    Assert.False((entry & 0xFFFF) == 0, "A pair without a pixel is not an entry.");
                }

                Assert.Equal(expected, actual.Where(pixel => pixel.Item2 != 0f));
                Assert.InRange(expected.Count, 1, dense.Count(value => value != 0) - 1);
            }
        }
    }

    [Fact]
    public void Thin_AnotherStepPositionOrSeed_KeepsOtherPixels()
    {
        string Kept(RunSpec spec, long step, int position)
        {
            var thinned = new PixelDropout(Images.Pixels, spec.Model.InputKeepProb, spec.Seed, KernelDispatch.Width);
            PixelBatch batch = thinned.Thin(new PixelBatch(Images, [4]), step, position);
            return string.Join(' ', batch.Entries[..batch.RowStarts[1]].ToArray());
        }

        string[] kept = [Kept(Spec, 1, 1), Kept(Spec, 2, 1), Kept(Spec, 1, 2), Kept(Spec with { Seed = 8 }, 1, 1)];
        Assert.Equal(kept.Length, kept.Distinct().Count());
        Assert.Equal(kept[0], Kept(Spec, 1, 1));
    }
}
