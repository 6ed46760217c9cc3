using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests;

/// <summary>As many seeds as asked for, on all processors; see CONTRIBUTING.md.</summary>
public class SoakTests(ITestOutputHelper output)
{
    private const string Variable = "LOCKSTEP_SIM_SOAK";

    [SkippableFact]
    public void Soak_AsManySeedsAsAskedFor_HasNoViolation()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrEmpty(text), $"{Variable} names no number of seeds.");
        int seeds = int.Parse(text, CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();
        var all = new Campaign();

        // Beyond the seeds that every test run goes through. Each simulation stays on one thread.
        Parallel.For(0, seeds, () => new Campaign(), (i, _, part) =>
        {
            part.Add(1_000_000 + (ulong)i);
            return part;
        }, part =>
        {
            lock (all)
                all.Add(part);
        });

        output.WriteLine($"{seeds} seeds: {all.Describe()}, {(all.Failure is null ? 0 : 1)} violations, {watch.Elapsed.TotalSeconds:0} s");
        Assert.True(all.Failure is null, all.Failure);
        all.AssertEverythingWasSeen();
    }
}
