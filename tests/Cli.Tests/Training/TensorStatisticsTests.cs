using Lockstep.Cli.Training;

namespace Lockstep.Cli.Tests.Training;

public class TensorStatisticsTests
{
    [Fact]
    public void Of_Values_AreThoseOfTheTextbook()
    {
        var statistics = TensorStatistics.Of([2, 4, 4, 4, 5, 5, 7, 9]);

        Assert.Equal(
            new TensorStatistics(Min: 2, Max: 9, Mean: 5, StandardDeviation: 2, Norm: Math.Sqrt(232), Zeros: 0, NonFinite: 0), statistics);
    }

    [Fact]
    public void Of_ValuesThatAreNotFinite_CountsThemAndGoesOn()
    {
        var statistics = TensorStatistics.Of([float.NaN, -1, float.PositiveInfinity, 0, 1, float.NegativeInfinity]);

        Assert.Equal((-1, 1, 0, 1, 3), (statistics.Min, statistics.Max, statistics.Mean, statistics.Zeros, statistics.NonFinite));
    }

    [Fact]
    public void Of_SmallSpreadAroundALargeMean_KeepsItsDigits() =>
        Assert.Equal(0.5, TensorStatistics.Of([1_000_000f, 1_000_001f]).StandardDeviation, precision: 9);
}
