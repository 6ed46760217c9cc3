using System.Text;
using Lockstep.Simulation.Tests.Faults;

namespace Lockstep.Simulation.Tests;

/// <summary>Finds a smaller schedule that still fails, and says how to see it again.</summary>
internal static class Shrinking
{
    /// <summary>Names the faults that a replay keeps: their places in the plan.</summary>
    public const string SeedVariable = "LOCKSTEP_SIM_SEED", KeepVariable = "LOCKSTEP_SIM_KEEP";

    private const int LastLines = 25;

    public static string Describe(ulong seed, IReadOnlyList<Fault> plan)
    {
        List<int> kept = Shrink(seed, plan);
        List<string> log = [];
        Verdict verdict = new Simulation(seed, Pick(plan, kept), log).Run();
        var text = new StringBuilder();
        text.AppendLine($"Seed {seed}: {verdict.Violations[0]}");
        text.AppendLine($"Replay: {SeedVariable}={seed} {KeepVariable}={string.Join(',', kept)} dotnet test -c Release "
            + "tests/Simulation.Tests --filter Replay --logger 'console;verbosity=detailed'");
        text.AppendLine($"{kept.Count} of {plan.Count} faults are needed:");
        foreach (int index in kept)
            text.AppendLine($"  {plan[index]}");
        text.AppendLine("The end of that schedule:");
        foreach (string line in log.TakeLast(LastLines))
            text.AppendLine(line);
        return text.ToString();
    }

    public static IReadOnlyList<Fault> Pick(IReadOnlyList<Fault> plan, IEnumerable<int> kept) => [.. kept.Select(index => plan[index])];

    /// <summary>Leaves out one fault after another as long as something still fails.</summary>
    private static List<int> Shrink(ulong seed, IReadOnlyList<Fault> plan)
    {
        List<int> kept = [.. Enumerable.Range(0, plan.Count)];
        for (int i = 0; i < kept.Count;)
        {
            List<int> fewer = [.. kept.Where((_, place) => place != i)];
            if (new Simulation(seed, Pick(plan, fewer)).Run().Violations.Count > 0)
                (kept, i) = (fewer, 0);
            else
                i++;
        }

        return kept;
    }
}
