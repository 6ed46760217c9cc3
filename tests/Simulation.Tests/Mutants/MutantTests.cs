using System.Diagnostics;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>
/// A simulation that cannot fail proves nothing: every bug that is planted in the product is found. Most take a few seeds; the rarest shows
/// in one of some two thousand, and is looked for in four times as many.
/// </summary>
public class MutantTests(ITestOutputHelper output)
{
    private const int Seeds = 8_000;

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

    [Fact]
    public void Run_OfAMutantThatNeverEnds_IsGivenUp()
    {
        var mutant = new Mutant("Endless", "A run never goes on.", "Coordinator/Runs/RunState.cs",
            "return _resumed.Unreported;",
            "while (true);");

        string? caught = MutantHunt.Run(mutant, Seeds, mostForASeed: TimeSpan.FromSeconds(2));

        Assert.Contains("hangs", caught, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("return _resumed.Everything;")]
    [InlineData("return")]
    public void Run_OfAMutantOfASourceThatHasChanged_SaysThatItIsStale(string text)
    {
        var mutant = new Mutant("Old", "Nothing any more.", "Coordinator/Runs/RunState.cs", text, "return default;");

        Assert.Throws<StaleMutantException>(() => MutantHunt.Run(mutant, seeds: 1));
    }
}
