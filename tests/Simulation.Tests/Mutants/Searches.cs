using Lockstep.Simulation.Tests.Faults;

namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>
/// Ways to look for what a bug does. They are called in copies of this assembly: only types of the platform cross their borders.
/// </summary>
internal static class Searches
{
    /// <summary>The simulation with the faults of one seed after another.</summary>
    /// <param name="seeds">How many.</param>
    /// <param name="begins">Called with each seed.</param>
    /// <returns>The first seed that is violated, and how; null when none is.</returns>
    public static string? Seeds(int seeds, Action<ulong> begins)
    {
        for (ulong seed = 0; seed < (ulong)seeds; seed++)
        {
            begins(seed);
            Verdict verdict = new Simulation(seed, FaultPlan.Of(seed)).Run();
            if (verdict.Violations.Count > 0)
                return $"seed {seed}: {verdict.Violations[0]}";
        }

        return null;
    }
}
