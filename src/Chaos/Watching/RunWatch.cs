using Lockstep.Chaos.Network;
using Lockstep.Chaos.Plans;
using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Watching;

/// <summary>
/// Follows a run from outside, step by step: weights of step <em>t</em> that pass on any worker's stream show that <em>t</em> steps are
/// complete. It costs the run nothing. Times are seconds of its own clock.
/// </summary>
/// <param name="clock">The clock.</param>
internal sealed class RunWatch(TimeProvider clock) : IStreamWatch
{
    private readonly Lock _lock = new();
    private readonly long _start = clock.GetTimestamp();
    private readonly SortedDictionary<int, WorkerTrack> _workers = [];
    private readonly List<FaultRecord> _records = [];
    private readonly List<(double At, long Step)> _steps = [];
    private readonly List<Leadership> _terms = [];
    private readonly List<CoordinatorChange> _coordinators = [];
    private readonly List<(double At, long Step)> _checkpoints = [];
    private readonly HashSet<long> _knownCheckpoints = [];
    private long _step, _furthest = -1;
    private double _progressAt;

    /// <summary>Receives each fault after training has gone on. Called on a thread of the network.</summary>
    public Action<FaultRecord>? Recovered { get; init; }

    public double Now => clock.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Time of the last step that was completed for the first time.</summary>
    public double ProgressAt => Locked(() => _progressAt);

    /// <summary>The last completed step; it falls when another coordinator continues from a checkpoint.</summary>
    public long Step => Locked(() => _step);

    /// <summary>The coordinator that has sent the weights of the newest term; 0 before there are any.</summary>
    public int Leader => Locked(() => _terms.Count == 0 ? 0 : _terms[^1].Coordinator);

    /// <summary>The longest time without a new step, and when it ended.</summary>
    public (double Seconds, double At) LongestWait { get; private set; }

    /// <summary>The workers that have a process and are not in the run: starting, joining, or lost.</summary>
    public IReadOnlyList<int> Missing => Locked(() =>
        _workers.Values.Where(worker => worker.State == WorkerState.Idle && !worker.IsJoined).Select(worker => worker.Number).ToArray());

    /// <summary>The observations so far.</summary>
    public RunStory Story => Locked(() => new RunStory(
        Now,
        [.. _workers.Values.Select(worker => worker.Copy())],
        [.. _records],
        [.. _steps],
        [.. _terms],
        [.. _coordinators],
        [.. _checkpoints],
        LongestWait.Seconds));

    public void FrameSent(int coordinator, int worker, FrameHeader frame)
    {
        lock (_lock)
        {
            double now = Now;
            Track(worker).Coordinator = coordinator;
            if (frame.Kind != FrameKind.Weights)
            {
                Track(worker).IsJoined |= frame.Kind == FrameKind.RunSpec;
                return;
            }

            Track(worker).Change(now, WorkerState.Computing);
            if (_terms.Count == 0 || frame.Term > _terms[^1].Term || (coordinator != _terms[^1].Coordinator && frame.Step > _furthest))
                Lead(now, coordinator, frame);
            else if (coordinator != _terms[^1].Coordinator)
                return; // Was still on its way from a former leader.
            _step = Math.Max(_step, frame.Step);
            if (frame.Step > _furthest)
                Progress(now, frame.Step);
        }
    }

    public void StreamEnded(int coordinator, int worker)
    {
        lock (_lock)
        {
            if (Track(worker).State != WorkerState.Gone && Track(worker).Coordinator == coordinator)
                Track(worker).Change(Now, WorkerState.Idle);
        }
    }

    public void WorkerStarted(int worker) => Locked(() => Track(worker).Change(Now, WorkerState.Idle));

    public void WorkerEnded(int worker) => Locked(() => Track(worker).Change(Now, WorkerState.Gone));

    public void CoordinatorIs(int number, bool up) => Locked(() => _coordinators.Add(new CoordinatorChange(Now, number, up)));

    /// <summary>Records a fault that is about to happen.</summary>
    public FaultRecord Begin(int number, Fault fault) => Locked(() =>
    {
        var record = new FaultRecord(number, fault, Now, _step);
        _records.Add(record);
        return record;
    });

    /// <summary>
    /// Records that a fault has taken effect: steps begun before do not count. A run without a leader has none to count yet.
    /// </summary>
    public void Struck(FaultRecord record) => Locked(() => record.Target = IsEndOfLeader(record.Fault) ? record.Target : NextTarget);

    /// <summary>Records the end of a fault.</summary>
    public void End(FaultRecord record) => Locked(() => record.EndedAt = Now);

    /// <summary>Samples the run's progress; called several times a second.</summary>
    /// <param name="checkpoints">Steps of the present checkpoints.</param>
    public void Sample(IEnumerable<long> checkpoints) => Locked(() =>
    {
        double now = Now;
        _steps.Add((now, _step));
        foreach (long step in checkpoints.Where(_knownCheckpoints.Add).ToList())
            _checkpoints.Add((now, step));
        return true;
    });

    // The current step may be almost done.
    private long NextTarget => Math.Max(_furthest, 0) + 2;

    private static bool IsEndOfLeader(Fault fault) =>
        fault is { Coordinator: CoordinatorRole.Leader, Kind: FaultKind.Kill or FaultKind.Leave };

    private void Lead(double now, int coordinator, FrameHeader frame)
    {
        _terms.Add(new Leadership(now, coordinator, frame.Term));
        _step = frame.Step;
        foreach (FaultRecord ended in _records.Where(record => record.Target == long.MaxValue && IsEndOfLeader(record.Fault)))
            ended.Target = _furthest + 1;
        if (_records.LastOrDefault(record => record.Fault.Coordinator is not null && record.RecoveredAt is null) is { } last)
            last.StepsRepeated += Math.Max(0, _furthest - frame.Step);
        _ = _knownCheckpoints.RemoveWhere(step => step > frame.Step);
    }

    private void Progress(double now, long step)
    {
        if (_furthest >= 0 && now - _progressAt > LongestWait.Seconds)
            LongestWait = (now - _progressAt, now);
        (_furthest, _progressAt) = (step, now);
        foreach (FaultRecord record in _records)
        {
            if (record.RecoveredAt is null && step >= record.Target)
            {
                record.RecoveredAt = now;
                Recovered?.Invoke(record);
            }
        }
    }

    private WorkerTrack Track(int worker)
    {
        if (!_workers.TryGetValue(worker, out WorkerTrack? track))
            _workers.Add(worker, track = new WorkerTrack(worker));
        return track;
    }

    private void Locked(Action action)
    {
        lock (_lock)
            action();
    }

    private T Locked<T>(Func<T> function)
    {
        lock (_lock)
            return function();
    }
}
