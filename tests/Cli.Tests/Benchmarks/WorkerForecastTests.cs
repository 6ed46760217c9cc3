using Lockstep.Cli.Benchmarks;

namespace Lockstep.Cli.Tests.Benchmarks;

public class WorkerForecastTests
{
    [Fact]
    public void Step_Workers_ComputeTheirShardsAndWaitForTheWire()
    {
        var forecast = new WorkerForecast(Shards: 8, ComputeSeconds: 0.8, UpdateSeconds: 0.01, TripSeconds: 0.02);

        Assert.Equal(0.8 + 0.01 + 0.02, forecast.Step(1), precision: 9);
        Assert.Equal(0.4 + 0.01 + 0.04, forecast.Step(2), precision: 9);
        // Eight shards among three: the busiest has three.
        Assert.Equal(0.3 + 0.01 + 0.06, forecast.Step(3), precision: 9);
        Assert.Equal(0.1 + 0.01 + 0.16, forecast.Step(8), precision: 9);
    }

    [Theory]
    [InlineData(0.0, 100, 8)] // A free wire: a worker for each shard, and no more.
    [InlineData(0.0, 5, 4)] // Five would compute no sooner than four.
    [InlineData(0.0, 1, 1)]
    [InlineData(1.0, 100, 1)] // The wire takes longer than all of the computing.
    [InlineData(0.15, 100, 2)] // 1.15, 0.80, 0.825 and 0.85 s.
    [InlineData(0.1, 100, 3)] // 1.1, 0.70, 0.675 and 0.65 s: the fourth saves less than 5%.
    public void Best_Workers_AreNoMoreThanAreWorthWhile(double trip, int most, int expected)
    {
        var forecast = new WorkerForecast(Shards: 8, ComputeSeconds: 1, UpdateSeconds: 0, TripSeconds: trip);

        Assert.Equal(expected, forecast.Best(most));
    }
}
