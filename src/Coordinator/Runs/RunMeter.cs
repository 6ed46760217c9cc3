using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lockstep.Coordinator.Decisions;
using Lockstep.Shared;

namespace Lockstep.Coordinator.Runs;

/// <summary>
/// The metrics of one run on the coordinator. Actors record on their own threads; a listener reads from any thread. Nothing allocates in a
/// step, and without a listener no clock is read.
/// </summary>
internal sealed class RunMeter : IDisposable
{
    private static readonly KeyValuePair<string, object?>[] Phases = [
        new("phase", "send"), new("phase", "gradients"), new("phase", "update")];
    private static readonly KeyValuePair<string, object?>[] Reasons = [
        new("reason", "workers-changed"), new("reason", "late"), new("reason", "probe")];
    private static readonly KeyValuePair<string, object?> Complete = new("outcome", "complete"), GivenUp = new("outcome", "given-up");
    private static readonly KeyValuePair<string, object?> Saved = new("outcome", "saved"), Failed = new("outcome", "failed");

    private readonly Meter _meter = LockstepMeter.Create();
    private readonly Counter<long> _steps, _examples, _reissues, _stragglers, _checkpoints, _slicedSteps;
    private readonly Histogram<double> _stepTime, _checkpointTime;
    private long _step, _checkpointStep, _savedAt;
    private double _examplesPerSecond = double.NaN;
    private int _joining;
    private volatile WorkerProgress[] _ready = [];
    private volatile MetricsRow? _row;
    private volatile (string Name, long Step)[] _standbys = [];

    /// <summary>Measures until disposed.</summary>
    /// <param name="state">The run.</param>
    /// <param name="totalSteps">Its length.</param>
    public RunMeter(RunState state, long totalSteps)
    {
        (_step, _checkpointStep) = (state.FirstStep, state.FirstStep);
        _steps = _meter.CreateCounter<long>("lockstep.steps", "{step}", "Steps that this coordinator has completed.");
        _examples = _meter.CreateCounter<long>("lockstep.examples", "{example}", "Examples of these steps.");
        _stepTime = _meter.CreateHistogram(
            "lockstep.step", "s", "Time of a step by phase; the phases follow each other.", tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [
                    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            });
        _reissues = _meter.CreateCounter<long>(
            "lockstep.reissues", "{node}", "Nodes of the reduction tree requested from one more worker, by reason.");
        _stragglers = _meter.CreateCounter<long>(
            "lockstep.stragglers", "{time}", "Times that a worker was late, so that its nodes were requested from others too.");
        _slicedSteps = _meter.CreateCounter<long>("lockstep.sliced_steps", "{step}", "Steps in which workers exchanged slices, by outcome.");
        _checkpoints = _meter.CreateCounter<long>("lockstep.checkpoints", "{checkpoint}", "Checkpoints by outcome.");
        _checkpointTime = _meter.CreateHistogram(
            "lockstep.checkpoint", "s", "Time to write a checkpoint, until it is flushed to the disk.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

        KeyValuePair<string, object?>[] run = [new("run", state.RunId), new("term", state.Term), new("version", ProductVersion.Current)];
        Gauge("lockstep.run_info", null, "1; its labels are the run and the build.", () => [new(1, run)]);
        Gauge(
            "lockstep.run.step", "{step}", "Completed steps of the run, including those before a resume.",
            () => [new(Volatile.Read(ref _step))]);
        Gauge("lockstep.run.steps", "{step}", "Total steps of the run.", () => [new(totalSteps)]);
        Gauge(
            "lockstep.examples_per_second", null, "Training examples per second, over about the last second.",
            () => Known(Volatile.Read(ref _examplesPerSecond)));
        Gauge("lockstep.workers", "{worker}", "Workers by state.", CountWorkers);
        Gauge("lockstep.worker.shards", "{shard}", "Shards that a worker owns.", () => OfEach(worker => worker.Shards));
        Gauge(
            "lockstep.worker.compute", "s", "Compute time of a worker's last step.",
            () => OfEach(worker => worker.StepMilliseconds / 1000));
        Gauge(
            "lockstep.checkpoint.age", "s",
            "Time since the last checkpoint was saved, or since training began: what a crash would lose now.", () => Age);
        Gauge(
            "lockstep.checkpoint.step", "{step}", "Step of the last checkpoint, or of the one that training started from.",
            () => [new(Volatile.Read(ref _checkpointStep))]);
        Gauge(
            "lockstep.standby.lag", "{step}",
            "Steps since a standby's newest checkpoint: what would be repeated if it led now.",
            () => _standbys.Select(
                standby => new Measurement<double>(
                    Volatile.Read(ref _step) - standby.Step, new KeyValuePair<string, object?>("standby", standby.Name))).ToArray());
        Gauge(
            "lockstep.train.loss", null, "Mean loss of the training batches before the last evaluation.",
            () => Known(_row?.TrainLoss ?? double.NaN));
        Gauge(
            "lockstep.validation.loss", null, "Mean loss on the validation examples.",
            () => Known(_row?.ValidationLoss ?? double.NaN));
        Gauge(
            "lockstep.validation.accuracy", null, "Accuracy on the validation examples; absent with targets.",
            () => Known(_row?.ValidationAccuracy ?? double.NaN));
        Gauge(
            "lockstep.validation.r2", null, "R² of the targets on the validation examples; absent with classes.",
            () => Known(_row?.ValidationR2 ?? double.NaN));

        // Without this, a counter would be exported only after its first increment.
        foreach (Counter<long> counter in new[] { _steps, _examples, _stragglers })
            counter.Add(0);
        foreach (KeyValuePair<string, object?> reason in Reasons)
            _reissues.Add(0, reason);
        _slicedSteps.Add(0, Complete);
        _slicedSteps.Add(0, GivenUp);
        _checkpoints.Add(0, Saved);
        _checkpoints.Add(0, Failed);
    }

    /// <summary>Records the standbys and the steps of their checkpoints.</summary>
    public void StandbysChanged((string Name, long Step)[] standbys) => _standbys = standbys;

    /// <summary>Ends a phase of a step and returns the time stamp for the next phase; 0 without a listener.</summary>
    /// <param name="phase">The phase that ends.</param>
    /// <param name="since">The time stamp returned for its beginning; 0 measures nothing.</param>
    public long Lap(StepPhase phase, long since)
    {
        if (!_stepTime.Enabled)
            return 0;
        long now = Stopwatch.GetTimestamp();
        if (since != 0)
            _stepTime.Record(Stopwatch.GetElapsedTime(since, now).TotalSeconds, Phases[(int)phase]);
        return now;
    }

    /// <param name="step">Completed steps.</param>
    /// <param name="examples">Examples of its batch.</param>
    public void StepCompleted(long step, int examples)
    {
        Volatile.Write(ref _step, step);
        _steps.Add(1);
        _examples.Add(examples);
    }

    /// <summary>Counts nodes requested from one more worker.</summary>
    public void Reissued(IReadOnlyList<Reissue> reissues, ReissueReason reason)
    {
        for (int i = 0; i < reissues.Count; i++)
            _reissues.Add(reissues[i].Nodes.Count, Reasons[(int)reason]);
    }

    /// <summary>Counts a step in which workers exchanged slices.</summary>
    /// <param name="isComplete">Whether it was completed so; else its gradients were requested directly.</param>
    public void SlicedStep(bool isComplete) => _slicedSteps.Add(1, isComplete ? Complete : GivenUp);

    /// <summary>Counts workers that were late in a step.</summary>
    public void Late(int workers)
    {
        if (workers > 0)
            _stragglers.Add(workers);
    }

    /// <summary>Starts the age of the last checkpoint when the first batch is sent.</summary>
    public void TrainingStarted() => Volatile.Write(ref _savedAt, Stopwatch.GetTimestamp());

    /// <summary>Records the current rate.</summary>
    public void Reported(double examplesPerSecond) => Volatile.Write(ref _examplesPerSecond, examplesPerSecond);

    /// <summary>Updates the worker metrics after a worker joined, left, became ready or got other shards.</summary>
    /// <param name="members">All members.</param>
    /// <param name="ready">Members that compute or stand by.</param>
    public void WorkersChanged(int members, WorkerProgress[] ready)
    {
        Volatile.Write(ref _joining, members - ready.Length);
        _ready = ready;
    }

    /// <summary>Records a complete row of metrics.</summary>
    public void Evaluated(MetricsRow row) => _row = row;

    /// <summary>Records the time to write a checkpoint.</summary>
    public void CheckpointWritten(TimeSpan time) => _checkpointTime.Record(time.TotalSeconds);

    /// <summary>Counts a saved checkpoint and records its step.</summary>
    public void CheckpointSaved(long step)
    {
        Volatile.Write(ref _checkpointStep, step);
        Volatile.Write(ref _savedAt, Stopwatch.GetTimestamp());
        _checkpoints.Add(1, Saved);
    }

    /// <summary>Counts a checkpoint that could not be written.</summary>
    public void CheckpointFailed() => _checkpoints.Add(1, Failed);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Age =>
        Volatile.Read(ref _savedAt) is > 0 and var at ? [new(Stopwatch.GetElapsedTime(at).TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> CountWorkers()
    {
        WorkerProgress[] ready = _ready;
        int training = ready.Count(worker => worker.Shards > 0);
        yield return new(training, new KeyValuePair<string, object?>("state", "training"));
        yield return new(ready.Length - training, new KeyValuePair<string, object?>("state", "standby"));
        yield return new(Volatile.Read(ref _joining), new KeyValuePair<string, object?>("state", "joining-or-leaving"));
    }

    private IEnumerable<Measurement<double>> OfEach(Func<WorkerProgress, double> value) =>
        _ready.Select(worker => new Measurement<double>(value(worker), new KeyValuePair<string, object?>("worker", worker.Name)));

    private static IEnumerable<Measurement<double>> Known(double value) => double.IsNaN(value) ? [] : [new(value)];

    private void Gauge(string name, string? unit, string description, Func<IEnumerable<Measurement<double>>> observe) =>
        _meter.CreateObservableGauge(name, observe, unit, description);
}
