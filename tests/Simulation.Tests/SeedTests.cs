using System.Diagnostics;
using Lockstep.Simulation.Tests.Faults;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests;

/// <summary>Thousands of schedules, each from its seed.</summary>
public class SeedTests(ITestOutputHelper output)
{
    private const int Counted = 2_000;

    [Fact]
    public void Run_WithoutFaults_EndsInTheBytesOfTheLocalRun()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            Verdict verdict = new Simulation(seed, []).Run();
            Assert.Empty(verdict.Violations);
        }
    }

    [Fact]
    public void Run_TheSameSeedTwice_IsTheSameSchedule()
    {
        for (ulong seed = 0; seed < 50; seed++)
            Assert.Equal(Log(seed), Log(seed));

        static List<string> Log(ulong seed)
        {
            List<string> log = [];
            new Simulation(seed, FaultPlan.Of(seed), log).Run();
            return log;
        }
    }

    [Fact]
    public void Run_AnySeed_EndsInTheBytesOfTheLocalRun()
    {
        var watch = Stopwatch.StartNew();
        Campaign campaign = Campaign.Run(0, Counted);
        output.WriteLine($"{campaign.Describe()}; {campaign.DescribeSeen()}, {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.True(campaign.Failure is null, campaign.Failure);
        campaign.AssertEverythingWasSeen();
    }

    /// <summary>
    /// 1,745: a worker that had heard of a leader heard, before it chose, that nobody leads. 1,053,296: two coordinators, cut from each
    /// other for good, led in turn with half of the workers each, and never the third, which all workers reached.
    /// </summary>
    [Theory]
    [InlineData(1_745)]
    [InlineData(1_053_296)]
    public void Run_SeedThatOnceFailed_EndsInTheBytesOfTheLocalRun(ulong seed) =>
        Assert.Empty(new Simulation(seed, FaultPlan.Of(seed)).Run().Violations);
}
