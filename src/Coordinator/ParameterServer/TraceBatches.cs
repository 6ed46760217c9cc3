using Lockstep.Coordinator.Runs;

namespace Lockstep.Coordinator.ParameterServer;

/// <summary>Collects the hashes of steps until they are handed to the disk. Its memory is bounded, also while the disk hangs, and is used again.</summary>
/// <param name="batchSteps">Steps of a batch.</param>
/// <param name="maxBatches">Batches that exist at most.</param>
internal sealed class TraceBatches(int batchSteps = 8192, int maxBatches = 8)
{
    private readonly Stack<List<TracedStep>> _free = [];
    private List<TracedStep>? _current;
    private int _batches;

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
    public List<TracedStep>? Take()
    {
        List<TracedStep>? taken = _current;
        _current = null;
        return taken;
    }

    /// <summary>The disk has it.</summary>
    public void Return(List<TracedStep> batch)
    {
        batch.Clear();
        _free.Push(batch);
    }
}
