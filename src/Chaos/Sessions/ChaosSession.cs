using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Watching;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Chaos.Sessions;

/// <summary>One training under faults, from plan to result.</summary>
internal sealed class ChaosSession
{
    private const double ShowEvery = 5;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    // Exit code of a process that refuses its options.
    private const int BadInput = 2;

    private readonly ChaosOptions _options;
    private readonly ChaosPlan _plan;
    private readonly ChaosFolder _folder;
    private readonly ChaosLog _log;
    private readonly RunWatch _watch;
    private readonly TimeSpan _bound;
    private double _origin, _quietSince, _shownAt;
    private string _diskFailing = "";
    private int _refused;

    public ChaosSession(ChaosOptions options, ChaosLog log)
    {
        (_options, _plan, _folder, _log) = (options, options.Plan, options.Folder, log);
        _bound = options.Bound;
        _watch = new RunWatch(TimeProvider.System)
        {
            Recovered = record => log.Say($"recovered from {record.Fault} in {record.SecondsToRecover:F3} s"
                + (record.StepsRepeated > 0 ? $", {Format.Plural(record.StepsRepeated, "step")} repeated" : "")),
        };
        log.Time = () => _watch.Now - _origin;
    }

    /// <summary>Runs the plan. A failure of the run is in the result.</summary>
    /// <exception cref="RequestException">The run could not start with the user's options.</exception>
    public async Task<ChaosResult> RunAsync(CancellationToken stop)
    {
        try
        {
            (RunStory story, string runFolder) = await TrainAsync(stop);
            stop.ThrowIfCancellationRequested();
            var comparison = await Comparison.MakeAsync(runFolder, _options);
            return comparison.IsSame
                ? Result(ChaosResult.Same, null, story, comparison)
                : Result(ChaosResult.Different, Difference(comparison), story, comparison);
        }
        catch (OperationCanceledException)
        {
            return Result(ChaosResult.Stopped, null, _watch.Story, comparison: null);
        }
        catch (ChaosFailure e) when (e.ExitCode == BadInput && _watch.Story.Terms.Count == 0)
        {
            throw new RequestException($"No training began. {e.Message}", e);
        }
        catch (ChaosFailure e)
        {
            return Result(e.Outcome, e.Message, _watch.Story, comparison: null);
        }
    }

    private static string Difference(Comparison comparison) => comparison.Difference is null
        ? $"the last weights have sha256 {comparison.RunSha256}, undisturbed {comparison.UndisturbedSha256}"
        : $"step {Format.Count(comparison.FirstDifferentStep!.Value)}: {comparison.Difference}";

    private ChaosResult Result(string outcome, string? message, RunStory story, Comparison? comparison) =>
        new(outcome, message, _plan, story, _origin, comparison, _options.BatchSize, _diskFailing, _refused);

    private async Task<(RunStory Story, string RunFolder)> TrainAsync(CancellationToken stop)
    {
        using var guard = new Guard();
        using var disks = new DisposeAll();
        (string, ICheckpointDisk)[] places = [.. Enumerable.Range(1, FaultyCluster.Coordinators)
            .Select(_folder.RunOf)
            .Select(run => (run, disks.Add(OpenDisk(run, guard))))];
        _diskFailing = places[0].Item2.Failing;
        using var cluster = new FaultyCluster(new ClusterCommands(_options), places, _watch, guard, _log.Hear);
        try
        {
            cluster.StartCoordinators();
            for (int worker = 1; worker <= _plan.Workers; worker++)
                cluster.StartWorker(worker);
            while (!Look(cluster, faultsLast: false, stop))
                await Task.Delay(Tick, stop);
            _origin = _watch.Now;
            _log.Say($"the first checkpoint is there: {Format.Plural(_plan.Faults.Count, "fault")} "
                + $"in {Format.Duration(_plan.Seconds)} from now on");
            await PlayAsync(cluster, stop);
            _log.Say("the faults are over: finishing the step and saving");
            RunStory story = _watch.Story;
            CoordinatorMember leader = await cluster.StopAsync(_bound);
            return (story, leader.Folder);
        }
        finally
        {
            _refused = cluster.CheckpointsRefused;
        }
    }

    private ICheckpointDisk OpenDisk(string runFolder, Guard guard)
    {
        string folder = Path.GetFullPath(RunFolder.CheckpointDirectoryOf(runFolder));
        if (!_plan.Faults.Any(fault => fault.Kind == FaultKind.Disk))
            return new UnusableFolder(folder);
        _ = Directory.CreateDirectory(folder);
        const int files = 16, bytesPerParameter = 2 * sizeof(float);
        long bytes = Math.Max(16 << 20, _options.Parameters * bytesPerParameter * files);
        return TmpfsDisk.TryMount(folder, bytes, guard) as ICheckpointDisk ?? new UnusableFolder(folder);
    }

    private async Task PlayAsync(FaultyCluster cluster, CancellationToken stop)
    {
        var player = new FaultPlayer(cluster, _watch, _plan.Workers, _bound);
        var playing = new List<Task>();
        var records = new List<FaultRecord>();
        while (true)
        {
            double now = _watch.Now - _origin;
            if (records.Count < _plan.Faults.Count && _plan.Faults[records.Count].At <= now)
            {
                FaultRecord record = _watch.Begin(records.Count + 1, _plan.Faults[records.Count]);
                records.Add(record);
                _log.Say($"#{record.Number} {record.Fault}, at step {Format.Count(record.Step)}");
                playing.Add(player.PlayAsync(record, stop));
                continue;
            }

            foreach (Task over in playing.Where(task => task.IsCompleted).ToList())
            {
                await over;
                _ = playing.Remove(over);
            }

            _ = Look(cluster, faultsLast: playing.Count > 0, stop);
            bool allHappened = records.Count == _plan.Faults.Count && playing.Count == 0
                && records.All(record => record.RecoveredAt is not null);
            if (allHappened && now >= _plan.Seconds && IsComplete(cluster, now))
                return;
            await Task.Delay(Tick, stop);
        }
    }

    /// <summary>Whether there is one leader, for which the other coordinators stand by, and every present worker is in the run.</summary>
    /// <exception cref="ChaosFailure">It takes too long.</exception>
    private bool IsComplete(FaultyCluster cluster, double now)
    {
        string? lacking = cluster.Unsettled ?? (_watch.Missing is [var missing, ..] ? $"worker {missing} is not back" : null);
        if (lacking is null)
            return true;
        double waited = Math.Min(now - _plan.Seconds, now - _plan.Faults.Select(fault => fault.Ends).DefaultIfEmpty().Max());
        if (waited > _bound.TotalSeconds)
            throw new ChaosFailure(ChaosFailure.Hung, $"{lacking} {_bound.TotalSeconds:0} s after the last fault. "
                + $"The log of all processes is {_folder.Log}.");
        return false;
    }

    // A terminal shows progress all the time, a file now and then.
    private void Show()
    {
        _options.OnStep?.Invoke(_watch.Step);
        if (_watch.Step == 0 || _watch.Now - _shownAt < ShowEvery)
            return;
        _shownAt = _watch.Now;
        _log.Say($"step {Format.Count(_watch.Step)}");
    }

    /// <summary>Checks the run; true when it has a checkpoint.</summary>
    /// <exception cref="ChaosFailure">It makes no progress, or has ended.</exception>
    private bool Look(FaultyCluster cluster, bool faultsLast, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        cluster.ThrowIfBroken();
        string folder = RunFolder.CheckpointDirectoryOf(cluster.Leader.Folder);
        long[] checkpoints = Directory.Exists(folder) ? [.. new CheckpointStore(folder).List().Select(file => file.Step)] : [];
        _watch.Sample(checkpoints);
        Show();
        if (faultsLast)
            _quietSince = _watch.Now;
        double waited = _watch.Now - Math.Max(_watch.ProgressAt, _quietSince);
        if (waited > _bound.TotalSeconds)
        {
            throw new ChaosFailure(ChaosFailure.Hung, $"no step after {Format.Count(_watch.Step)} was completed within "
                + $"{_bound.TotalSeconds:0} s, though no fault lasted. The log of all processes is {_folder.Log}.");
        }

        return checkpoints.Length > 0;
    }

    /// <summary>Disposes of several objects in the order in which they were added.</summary>
    private sealed class DisposeAll : IDisposable
    {
        private readonly List<IDisposable> _all = [];

        public T Add<T>(T one)
            where T : IDisposable
        {
            _all.Add(one);
            return one;
        }

        public void Dispose() => _all.ForEach(one => one.Dispose());
    }
}
