using System.Diagnostics;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>A simulation that cannot fail proves nothing: every bug that is planted in the product is found within the seeds that each test run goes through.</summary>
public class MutantTests(ITestOutputHelper output)
{
    private const int Seeds = 2_000;

    public static TheoryData<string> Names => [.. ProductMutants.All.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_OfAMutant_IsCaught(string name)
    {
        Mutant mutant = ProductMutants.All.Single(mutant => mutant.Name == name);
        var watch = Stopwatch.StartNew();
        string? caught = MutantHunt.Run(mutant, Seeds);
        output.WriteLine($"{mutant.Name} ({watch.Elapsed.TotalSeconds:0.0} s): {caught}");
        Assert.True(caught is not null, $"Not found in {Seeds} seeds: {mutant.Name}. {mutant.Wrong}");
    }
}
