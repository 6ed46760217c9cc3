using Lockstep.Model.Evaluation;

namespace Lockstep.Model.Tests.Evaluation;

public class HistogramTests
{
    [Fact]
    public void Of_Values_CountsEachOnceAndTheGreatestInTheLastBin()
    {
        var histogram = Histogram.Of([0f, 0.5f, 1f, 1.5f, 2f, 4f, float.NaN, float.NegativeInfinity], 4);

        Assert.Equal((0.0, 4.0, 1.0, 2), (histogram.Min, histogram.Max, histogram.BinWidth, histogram.NonFinite));
        Assert.Equal([2, 2, 1, 1], histogram.Counts);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-3f)]
    [InlineData(float.MaxValue)]
    public void Of_EqualValues_AreInOneBinOfPositiveWidth(float value)
    {
        var histogram = Histogram.Of([value, value, value], 10);

        Assert.True(histogram.BinWidth > 0);
        Assert.Equal([3], histogram.Counts.Where(count => count > 0));
    }

    [Fact]
    public void Of_ExtremesOfFloat_StaysFinite()
    {
        var histogram = Histogram.Of([float.MinValue, float.MaxValue], 2);

        Assert.Equal([1, 1], histogram.Counts);
        Assert.True(double.IsFinite(histogram.BinWidth));
    }

    [Fact]
    public void Of_NothingFinite_IsEmpty()
    {
        var histogram = Histogram.Of([float.NaN], 3);

        Assert.Equal([0, 0, 0], histogram.Counts);
        Assert.Equal(1, histogram.NonFinite);
        Assert.True(histogram.BinWidth > 0);
    }
}
