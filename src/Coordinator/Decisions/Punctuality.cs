namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// What is late, measured by how long it took to have half of the shards in the steps before, and who is late again and again. Nothing to tune: a
/// step is late after four times the median of the recent ones, and again after twice that, and so on. Half, because the few that are slow from the
/// beginning, as behind a thin line, are not to say what is usual.
/// </summary>
internal sealed class Punctuality
{
    private const int Remembered = 32, Enough = 8, LateAfterSteps = 4, StrikesToIdle = 3, PunctualStepsToForget = 200;
    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(20);

    private readonly Queue<TimeSpan> _halves = new();
    private readonly Dictionary<WorkerId, int> _strikes = [];
    private readonly HashSet<WorkerId> _idle = [];
    private TimeSpan _begun;
    private int _timesLate;
    private bool _hasHalf;
    private int _punctualSteps;

    /// <summary>Workers that were late again and again: they are asked for nothing until they have caught up.</summary>
    public IReadOnlySet<WorkerId> Idle => _idle;

    /// <summary>A step begins.</summary>
    public void Begin(TimeSpan now) => (_begun, _timesLate, _hasHalf) = (now, 0, false);

    /// <summary>Half of the step's shards, at least, have arrived.</summary>
    public void HasHalf(TimeSpan now)
    {
        if (_hasHalf)
            return;
        _hasHalf = true;
        _halves.Enqueue(now - _begun);
        if (_halves.Count > Remembered)
            _halves.Dequeue();
    }

    /// <summary>The step is complete.</summary>
    public void Complete()
    {
        if (_timesLate > 0)
            return;
        if (++_punctualSteps < PunctualStepsToForget)
            return;
        _punctualSteps = 0;
        _strikes.Clear();
    }

    /// <summary>Whether the step is late, anew each time its patience is used up.</summary>
    public bool IsLate(TimeSpan now)
    {
        if (_halves.Count < Enough || now - _begun < LeastPatience)
            return false;
        TimeSpan median = _halves.Order().ElementAt(_halves.Count / 2);
        TimeSpan patience = median * LateAfterSteps;
        if (patience < LeastPatience)
            patience = LeastPatience;
        if (now - _begun < patience * Math.Pow(2, _timesLate))
            return false;
        _timesLate++;
        return true;
    }

    /// <summary>Somebody else was asked for what this worker owes. True when it is idle from now on.</summary>
    public bool Strike(WorkerId worker)
    {
        _strikes[worker] = _strikes.GetValueOrDefault(worker) + 1;
        return _strikes[worker] >= StrikesToIdle && _idle.Add(worker);
    }

    /// <summary>A gradient of this worker came, in time or not: it lives. True when it was idle: it is asked again, and has one strike left.</summary>
    public bool Heard(WorkerId worker)
    {
        if (!_idle.Remove(worker))
            return false;
        _strikes[worker] = StrikesToIdle - 1;
        return true;
    }

    /// <summary>These are the workers there are.</summary>
    public void Keep(Func<WorkerId, bool> isThere)
    {
        _idle.RemoveWhere(worker => !isThere(worker));
        foreach (WorkerId gone in _strikes.Keys.Where(worker => !isThere(worker)).ToList())
            _strikes.Remove(gone);
    }
}
