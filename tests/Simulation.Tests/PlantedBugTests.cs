using Lockstep.Simulation.Tests.Faults;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests;

/// <summary>A simulation that cannot fail proves nothing: every planted bug is found within the seeds that each test run goes through.</summary>
public class PlantedBugTests(ITestOutputHelper output)
{
    private const ulong Seeds = 2_000;

    public static TheoryData<string> Bugs =>
        [.. Enum.GetNames<Bug>().Except([nameof(Bug.None), nameof(Bug.ForgetPredecessorOnly)])]; // That one takes two faults in a row: see SweepTests.

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Run_WithPlantedBug_IsCaught(string name)
    {
        var bug = Enum.Parse<Bug>(name);
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            Verdict verdict = new Simulation(seed, FaultPlan.Of(seed), bug).Run();
            if (verdict.Violations.Count == 0)
                continue;
            output.WriteLine($"{name}: seed {seed}. {verdict.Violations[0]}");
            return;
        }

        Assert.Fail($"The planted bug {name} was not found in {Seeds} seeds.");
    }

    [Fact]
    public void Shrinking_OfAFailure_GivesAReplayAndTheFaultsThatAreNeeded()
    {
        const Bug bug = Bug.TellStepByBuffer;
        ulong seed = 0;
        while (FaultPlan.Of(seed).Count < 4 || new Simulation(seed, FaultPlan.Of(seed), bug).Run().Violations.Count == 0)
            seed++;

        string told = Shrinking.Describe(seed, FaultPlan.Of(seed), bug);

        Assert.Contains($"{Shrinking.SeedVariable}={seed} {Shrinking.KeepVariable}=", told, StringComparison.Ordinal);
        Assert.DoesNotContain($"{FaultPlan.Of(seed).Count} of {FaultPlan.Of(seed).Count} faults are needed", told, StringComparison.Ordinal);
    }
}
