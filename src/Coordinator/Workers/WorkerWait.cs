namespace Lockstep.Coordinator.Workers;

/// <summary>
/// Decides when training begins, and when to stop waiting for workers. The caller gives the time of a monotonic clock, so that a change of
/// the wall clock ends no run.
/// </summary>
/// <param name="needed">Ready workers that the start waits for.</param>
/// <param name="timeout">How long to wait without enough workers.</param>
/// <param name="now">The time.</param>
internal sealed class WorkerWait(int needed, TimeSpan timeout, TimeSpan now)
{
    private TimeSpan _since = now;
    private int _ready;

    /// <summary>Ready workers that the start waits for.</summary>
    public int Needed { get; private set; } = needed;

    /// <summary>Whether enough workers were ready once.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Updates the number of ready workers. True if they are enough for the first time.</summary>
    public bool Begins(int ready, TimeSpan now)
    {
        if (IsOver && ready == 0 && _ready > 0)
            _since = now;
        _ready = ready;
        if (IsOver || ready < Needed)
            return false;
        return IsOver = true;
    }

    /// <summary>An expected worker will never come: the start waits for one less, at least for one.</summary>
    public void ExpectOneLess() => Needed = Math.Max(1, Needed - 1);

    /// <summary>A worker is known to be on its way: restarts the timeout.</summary>
    public void Await(TimeSpan now)
    {
        if (!IsOver)
            _since = now;
    }

    /// <summary>Why the run cannot continue for want of workers; null while waiting makes sense.</summary>
    public string? GiveUp(TimeSpan now)
    {
        if ((IsOver && _ready > 0) || now - _since < timeout)
            return null;
        return IsOver
            ? $"All workers are lost, and no other came within {timeout.TotalSeconds:0} s."
            : $"The cluster did not form: {_ready} of {Needed} workers were ready after {timeout.TotalSeconds:0} s.";
    }
}
