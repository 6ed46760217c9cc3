using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lockstep.Shared;

namespace Lockstep.Worker.Sessions;

/// <summary>
/// The metrics of a worker over all its memberships. Recorded on the threads of stream and lanes. Nothing allocates in a step, and without
/// a listener no clock is read.
/// </summary>
internal sealed class WorkerMeter : IDisposable
{
    private static readonly KeyValuePair<string, object?> Compute = new("phase", "compute"), Wait = new("phase", "wait");

    private readonly Meter _meter = LockstepMeter.Create();
    private readonly Counter<long> _steps, _examples, _gradients, _joins;
    private readonly Histogram<double> _stepTime;
    private long _begun, _lastComputed;

    /// <summary>Measures until disposed.</summary>
    /// <param name="status">Kept up to date.</param>
    /// <param name="lanes">Compute threads.</param>
    public WorkerMeter(WorkerStatus status, int lanes)
    {
        Status = status;
        _steps = _meter.CreateCounter<long>("lockstep.worker.steps", "{step}", "Steps whose weights this worker received.");
        _examples = _meter.CreateCounter<long>(
            "lockstep.worker.examples", "{example}",
            "Examples whose gradients this worker has computed, late and duplicate ones included.");
        _gradients = _meter.CreateCounter<long>(
            "lockstep.worker.gradients", "{gradient}",
            "Gradients that this worker has computed and sent, one for each node of the reduction tree.");
        _joins = _meter.CreateCounter<long>(
            "lockstep.worker.joins", "{join}", "Times that this worker has joined a run, the first included.");
        _stepTime = _meter.CreateHistogram(
            "lockstep.worker.step", "s",
            "Time of a step by phase: compute until the last gradient, then send it and wait for the next weights.", tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [
                    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            });
        _ = _meter.CreateObservableGauge<int>(
            "lockstep.worker.joined", () => Status.Run is null ? 0 : 1, null, "1 while this worker takes part in a run, else 0.");
        _ = _meter.CreateObservableGauge<int>("lockstep.worker.lanes", () => lanes, "{lane}", "Compute threads of this worker.");
        _ = _meter.CreateObservableGauge<long>(
            "lockstep.worker.current_step", () => Status.Step, "{step}", "The step of this worker's newest weights.");
        _ = _meter.CreateObservableGauge<int>(
            "lockstep.worker.run_info", DescribeRun, null,
            "1; its labels are the run that this worker takes part in, its name there, and its build.");

        // Without this, a counter would be exported only after its first increment.
        foreach (Counter<long> counter in new[] { _steps, _examples, _gradients, _joins })
            counter.Add(0);
    }

    public WorkerStatus Status { get; }

    /// <summary>The worker has spec and data of a run, and matching numerics.</summary>
    public void Joined(JoinedRun run)
    {
        Status.Join(run);
        _joins.Add(1);
    }

    /// <summary>The worker's part in a run is over.</summary>
    public void Left(JoinedRun run) => Status.Leave(run);

    /// <summary>The weights of a step have arrived. Called by the receiving thread.</summary>
    public void StepBegun(long step)
    {
        Status.Step = step;
        _steps.Add(1);
        long lastComputed = Interlocked.Exchange(ref _lastComputed, 0), now = _stepTime.Enabled ? Stopwatch.GetTimestamp() : 0;
        if (_begun != 0 && lastComputed > _begun && now != 0)
        {
            _stepTime.Record(Stopwatch.GetElapsedTime(_begun, lastComputed).TotalSeconds, Compute);
            _stepTime.Record(Stopwatch.GetElapsedTime(lastComputed, now).TotalSeconds, Wait);
        }

        _begun = now;
    }

    /// <summary>A gradient of so many examples is ready to be sent. Called by any lane.</summary>
    public void NodeComputed(long examples)
    {
        _gradients.Add(1);
        _examples.Add(examples);
        if (_stepTime.Enabled)
            Interlocked.Exchange(ref _lastComputed, Stopwatch.GetTimestamp());
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> DescribeRun() => Status.Run is not { } run
        ? []
        : [new(1, new("run", run.RunId), new("term", run.Term), new("worker", Status.Name), new("version", ProductVersion.Current))];
}
