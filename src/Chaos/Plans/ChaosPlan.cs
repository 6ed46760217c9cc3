namespace Lockstep.Chaos.Plans;

/// <summary>What happens to a run, and when.</summary>
/// <param name="Workers">Worker processes that it begins with, numbered from 1.</param>
/// <param name="Seconds">How long the run goes on after its first checkpoint, at least; it also waits for the last fault to be over and for training to go on after it.</param>
/// <param name="Faults">The faults, the earliest first.</param>
internal sealed record ChaosPlan(int Workers, double Seconds, IReadOnlyList<Fault> Faults)
{
    /// <summary>The seed that it was drawn from; null for one that was written.</summary>
    public ulong? Seed { get; init; }
}
