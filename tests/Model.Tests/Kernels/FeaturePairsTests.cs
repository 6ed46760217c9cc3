using Lockstep.Model.Kernels;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

public class FeaturePairsTests
{
    [Theory]
    [InlineData(16, 0.1)]
    [InlineData(48, 0.3)]
    [InlineData(112, 1.0)]
    [InlineData(112, 0.0)]
    public void Add_EveryWidth_KeepsThePairsThatAreNotBothZeroInOrder(int stride, double share)
    {
        float[][] rows = [.. Enumerable.Range(0, 9).Select(row => Row(stride, share, (uint)row))];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            var pairs = new FeaturePairs();
            foreach (int first in new[] { 0, 7, 3 })
            {
                pairs.Clear(rows.Length - first);
                foreach (float[] row in rows[first..])
                    pairs.Add(width, row);

                Assert.Equal(rows.Length - first, pairs.Rows);
                for (int row = 0, start = 0; row < pairs.Rows; start = pairs.Ends[row++])
                    Assert.Equal(Expected(rows[first + row]), pairs.Entries[start..pairs.Ends[row]].ToArray());
            }
        }
    }

    [Fact]
    public void Add_StrideOfNoWholeVectors_IsRefused()
    {
        var pairs = new FeaturePairs();
        pairs.Clear(1);
        Assert.Throws<ArgumentException>(() => pairs.Add(KernelDispatch.Width, new float[24]));
    }

    private static IEnumerable<FeaturePair> Expected(float[] row) =>
        Enumerable.Range(0, row.Length / 2).Select(q => new FeaturePair(q, row[2 * q], row[2 * q + 1]))
            .Where(pair => (pair.Even, pair.Odd) != (0f, 0f));

    /// <summary>Awkward numbers, of which a share is kept and the others are 0 or -0.</summary>
    private static float[] Row(int stride, double share, uint salt)
    {
        float[] values = KernelCases.Values(stride, KernelCases.Content.Extreme, salt);
        float[] draws = KernelCases.Values(stride, KernelCases.Content.Ordinary, salt + 100);
        return [.. values.Select((x, i) => (draws[i] + 1) / 2 < share ? x : i % 3 == 0 ? -0f : 0f)];
    }
}
