using System.Reflection;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Specs;

public class NumberRangeTests
{
    [Theory]
    [InlineData(0.0, false)]
    [InlineData(double.Epsilon, true)]
    [InlineData(float.MaxValue, true)]
    [InlineData(1e39, false)]
    [InlineData(double.NaN, false)]
    [InlineData(double.NegativeInfinity, false)]
    public void Contains_LearningRate_IsPositiveAndFiniteInSinglePrecision(double rate, bool expected) =>
        Assert.Equal(expected, Ranges.LearningRate.Contains(rate));

    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.9999999, true)]
    [InlineData(1.0, false)]
    [InlineData(-1e-9, false)]
    public void Contains_Momentum_IsBelowOne(double momentum, bool expected) => Assert.Equal(expected, Ranges.Momentum.Contains(momentum));

    /// <summary>The words come after "expected" in every error.</summary>
    [Fact]
    public void Words_EveryRange_BeginAsAllDo()
    {
        PropertyInfo[] ranges = typeof(Ranges).GetProperties();

        Assert.True(ranges.Length > 10);
        Assert.All(
            ranges, range => Assert.Matches("^a (whole )?number (from|above) [-0-9]", (string)((dynamic)range.GetValue(null)!).Words));
        Assert.Equal("Shards 5000; expected a whole number from 1 to 4,096.", Ranges.Shards.Problem("Shards", 5000));
        Assert.Null(Ranges.Shards.Problem("Shards", 4096));
    }
}
