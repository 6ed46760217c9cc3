using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Faults;

/// <summary>The faults of a run, made from its seed.</summary>
internal static class FaultPlan
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    /// <summary>Messages of a fault-free run with few workers: later faults might find it over.</summary>
    private const int Messages = 450;

    public static IReadOnlyList<Fault> Of(ulong seed)
    {
        var random = new SimRandom(seed ^ 0xFA17);
        var faults = new Fault[1 + random.Next(5)];
        // Each kind comes first in as many seeds as any other.
        for (int i = 0; i < faults.Length; i++)
        {
            FaultKind kind = i == 0 ? Kinds[(int)(seed % (ulong)Kinds.Length)] : Kinds[random.Next(Kinds.Length)];
            faults[i] = new Fault(kind, random.Next(Messages), random.Next(4), Amount(kind, random));
        }

        // Now and then whoever is back from one fault meets the next at once.
        if (faults.Length > 1 && random.OnceIn(6))
            faults[1] = faults[1] with { At = faults[0].At + random.Next(10), Target = faults[0].Target };
        return [.. faults.OrderBy(fault => fault.At)];
    }

    private static int Amount(FaultKind kind, SimRandom random) => kind switch
    {
        FaultKind.DiskFull or FaultKind.TornWrite => random.Next(40),
        FaultKind.ClockJump => random.Next(-100_000, 100_000),
        // Mostly too short for the failure detector; now and then longer than the run waits for workers.
        _ => random.Next(10) switch
        {
            < 6 => random.Next(1, 300),
            < 9 => random.Next(300, 12_000),
            _ => random.Next(12_000, 90_000),
        },
    };
}
