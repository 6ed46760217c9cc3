using Lockstep.Coordinator.Tracing;

namespace Lockstep.Coordinator.Server;

/// <summary>Collects the hashes of steps for the disk. Its memory is bounded even if the disk hangs, and is reused.</summary>
/// <param name="batchSteps">Steps of a batch.</param>
/// <param name="maxBatches">Maximum number of batches.</param>
internal sealed class TraceBatches(int batchSteps = 8192, int maxBatches = 8)
{
    private const int EnoughForTheDisk = 2;

    private readonly Stack<List<TracedStep>> _free = [];
    private List<TracedStep>? _current;
    private int _batches;
    private int _taken;

    /// <summary>Adds a step. False if the current batch is full, or the disk has all batches.</summary>
    public bool TryAdd(TracedStep step)
    {
        if (_current is null && !_free.TryPop(out _current))
        {
            if (_batches == maxBatches)
                return false;
            _batches++;
            _current = new List<TracedStep>(batchSteps);
        }

        if (_current.Count == batchSteps)
            return false;
        _current.Add(step);
        return true;
    }

    /// <summary>The current batch, which the caller owns until <see cref="Return"/>; null if there is none.</summary>
    /// <param name="unlessBusy">
    /// Also null if the disk is busy and there is room left, so that during a hang each batch is as full as possible.
    /// </param>
    public List<TracedStep>? Take(bool unlessBusy = false)
    {
        if (unlessBusy && _taken >= EnoughForTheDisk && _current?.Count < batchSteps)
            return null;
        List<TracedStep>? taken = _current;
        _current = null;
        if (taken is not null)
            _taken++;
        return taken;
    }

    /// <summary>Returns a batch for reuse.</summary>
    public void Return(List<TracedStep> batch)
    {
        _taken--;
        batch.Clear();
        _free.Push(batch);
    }
}
