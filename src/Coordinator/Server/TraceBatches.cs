using Lockstep.Coordinator.Tracing;

namespace Lockstep.Coordinator.Server;

/// <summary>Collects the hashes of steps until they are handed to the disk. Its memory is bounded, also while the disk hangs, and is used again.</summary>
/// <param name="batchSteps">Steps of a batch.</param>
/// <param name="maxBatches">Batches that exist at most.</param>
internal sealed class TraceBatches(int batchSteps = 8192, int maxBatches = 8)
{
    private const int EnoughForTheDisk = 2;

    private readonly Stack<List<TracedStep>> _free = [];
    private List<TracedStep>? _current;
    private int _batches;
    private int _taken;

    /// <summary>Adds a step to the batch under way; false when that is full, or there is none because the disk has them all.</summary>
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

    /// <summary>The batch under way, which the caller now owns until <see cref="Return"/>; null when there is none.</summary>
    /// <param name="unlessBusy">
    /// Null, too, when the disk has enough to do and there is room left: if it hangs, the batches that there are shall hold as many steps as they can.
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

    /// <summary>The disk has it.</summary>
    public void Return(List<TracedStep> batch)
    {
        _taken--;
        batch.Clear();
        _free.Push(batch);
    }
}
