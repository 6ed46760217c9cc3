namespace Lockstep.Coordinator.Decisions;

/// <summary>One incarnation of a worker process, numbered in the order of joining. A restarted process is a new worker.</summary>
internal readonly record struct WorkerId(int Value)
{
    public override string ToString() => $"#{Value}";
}
