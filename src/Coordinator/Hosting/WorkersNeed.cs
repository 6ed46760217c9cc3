using Lockstep.Coordinator.Runs;

namespace Lockstep.Coordinator.Hosting;

/// <summary>
/// Passes events on, one at a time, and finds out from them when the run needs its workers: at once, or, where this process computes
/// meanwhile, as soon as it is known to last longer than workers take to start.
/// </summary>
/// <param name="options">The training.</param>
/// <param name="events">Receives the events.</param>
internal sealed class WorkersNeed(TrainingOptions options, IProgress<RunEvent> events) : IProgress<RunEvent>
{
    // Node, processes and connections together, on a machine whose processors are busy.
    private static readonly TimeSpan StartOfWorkers = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _arisen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when workers are needed; cancelled by <see cref="End"/>.</summary>
    public Task Task => options.OwnWorker is null ? Task.CompletedTask : _arisen.Task;

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        lock (_lock)
            events.Report(value);
        if (value is RunEvent.WorkerLost || (value is RunEvent.Progress progress && LastsLonger(progress)))
            _arisen.TrySetResult();
    }

    /// <summary>The run is over.</summary>
    public void End() => _arisen.TrySetCanceled();

    private bool LastsLonger(RunEvent.Progress progress)
    {
        double examples = (options.Spec.TotalSteps - progress.Step) * (double)options.Spec.BatchSize;
        return examples > progress.ExamplesPerSecond * StartOfWorkers.TotalSeconds;
    }
}
