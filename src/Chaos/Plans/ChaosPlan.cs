namespace Lockstep.Chaos.Plans;

/// <summary>What happens to a run, and when.</summary>
/// <param name="Workers">Worker processes that it begins with, numbered from 1.</param>
/// <param name="Seconds">The least length of the run after its first checkpoint. The run also waits for the end of the last fault, and for
/// training to go on after it.</param>
/// <param name="Faults">The faults, the earliest first.</param>
internal sealed record ChaosPlan(int Workers, double Seconds, IReadOnlyList<Fault> Faults)
{
    /// <summary>The seed of a drawn plan; null for one that a person wrote.</summary>
    public ulong? Seed { get; init; }
}
