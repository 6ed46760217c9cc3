namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// Detects late steps and workers that are late repeatedly. A step is late after four times the median time to its first half of shards
/// over recent steps, then after twice that, and so on; there is nothing to configure. Measuring the first half keeps a few slow workers,
/// such as ones on a slow link, from defining the usual time.
/// </summary>
internal sealed class LatenessDetector
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

    /// <summary>Workers that were late repeatedly. They own nothing until they have caught up.</summary>
    public IReadOnlySet<WorkerId> Idle => _idle;

    public void Begin(TimeSpan now) => (_begun, _timesLate, _hasHalf) = (now, 0, false);

    /// <summary>Records that at least half of the step's shards have arrived.</summary>
    public void HasHalf(TimeSpan now)
    {
        if (_hasHalf)
            return;
        _hasHalf = true;
        _halves.Enqueue(now - _begun);
        if (_halves.Count > Remembered)
            _halves.Dequeue();
    }

    public void Complete()
    {
        if (_timesLate > 0)
            return;
        if (++_punctualSteps < PunctualStepsToForget)
            return;
        _punctualSteps = 0;
        _strikes.Clear();
    }

    /// <summary>Whether the step is late; true again each time the doubled limit has passed.</summary>
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

    /// <summary>Counts a late step of this worker. Returns true if it becomes idle.</summary>
    public bool Strike(WorkerId worker)
    {
        _strikes[worker] = _strikes.GetValueOrDefault(worker) + 1;
        return _strikes[worker] >= StrikesToIdle && _idle.Add(worker);
    }

    /// <summary>
    /// Records a gradient of this worker, late or not. Returns true if it was idle; it is then asked again, and one more late step makes it
    /// idle.
    /// </summary>
    public bool Heard(WorkerId worker)
    {
        if (!_idle.Remove(worker))
            return false;
        _strikes[worker] = StrikesToIdle - 1;
        return true;
    }

    /// <summary>Forgets workers that are gone.</summary>
    public void Keep(Func<WorkerId, bool> isThere)
    {
        _idle.RemoveWhere(worker => !isThere(worker));
        foreach (WorkerId gone in _strikes.Keys.Where(worker => !isThere(worker)).ToList())
            _strikes.Remove(gone);
    }
}
