using Lockstep.Model.Data;

namespace Lockstep.Worker.Sessions;

/// <summary>The examples of the last session, kept for the next one: a worker that joins again need not receive them again.</summary>
internal sealed class HeldData
{
    private readonly Lock _lock = new();
    private TrainingData? _held;

    /// <summary>The examples with their digest, or null. New ones take the place of earlier ones.</summary>
    public TrainingData? Current
    {
        get
        {
            lock (_lock)
                return _held;
        }

        set
        {
            lock (_lock)
                _held = value;
        }
    }
}
