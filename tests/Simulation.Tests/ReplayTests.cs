using System.Globalization;
using Lockstep.Simulation.Tests.Faults;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests;

/// <summary>Shows one schedule: the line that a failing seed prints leads here.</summary>
public class ReplayTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Replay_SeedOfTheEnvironment_ShowsItsSchedule()
    {
        string? seedText = Environment.GetEnvironmentVariable(Shrinking.SeedVariable);
        Skip.If(string.IsNullOrEmpty(seedText), $"{Shrinking.SeedVariable} names no seed.");
        ulong seed = ulong.Parse(seedText, CultureInfo.InvariantCulture);
        IReadOnlyList<Fault> plan = FaultPlan.Of(seed);
        if (Environment.GetEnvironmentVariable(Shrinking.KeepVariable) is { } kept)
            plan = Shrinking.Pick(
                plan,
                kept.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(place => int.Parse(place, CultureInfo.InvariantCulture)));
        List<string> log = [];

        Verdict verdict = new Simulation(seed, plan, log).Run();

        foreach (Fault fault in plan)
            output.WriteLine($"planned {fault}");
        foreach (string line in log)
            output.WriteLine(line);
        Assert.Empty(verdict.Violations);
    }
}
