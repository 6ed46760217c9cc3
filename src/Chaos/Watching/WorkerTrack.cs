namespace Lockstep.Chaos.Watching;

/// <summary>The states of one worker, change by change.</summary>
/// <param name="number">Its number in the plan.</param>
internal sealed class WorkerTrack(int number)
{
    private readonly List<(double At, WorkerState State)> _changes = [];

    public int Number { get; } = number;

    /// <summary>The changes, in order.</summary>
    public IReadOnlyList<(double At, WorkerState State)> Changes => _changes;

    /// <summary>Its state now.</summary>
    public WorkerState State => _changes.Count == 0 ? WorkerState.Gone : _changes[^1].State;

    /// <summary>Its states so far.</summary>
    public WorkerTrack Copy()
    {
        var copy = new WorkerTrack(Number);
        copy._changes.AddRange(_changes);
        return copy;
    }

    /// <summary>The coordinator that sent it a frame last.</summary>
    public int Coordinator { get; set; }

    /// <summary>Whether its stream is open and it was sent the run; it may stand by.</summary>
    public bool IsJoined { get; set; }

    public void Change(double at, WorkerState state)
    {
        IsJoined &= state == WorkerState.Computing;
        if (State != state)
            _changes.Add((at, state));
    }
}
