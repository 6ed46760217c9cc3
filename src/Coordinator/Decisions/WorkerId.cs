namespace Lockstep.Coordinator.Decisions;

/// <summary>One incarnation of a worker process, numbered by the coordinator in the order of joining. A restarted process is another worker.</summary>
internal readonly record struct WorkerId(int Value)
{
    public override string ToString() => $"#{Value}";
}
