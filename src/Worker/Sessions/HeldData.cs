using Lockstep.Model.Data;

namespace Lockstep.Worker.Sessions;

/// <summary>The examples of the last session, kept so that a worker that rejoins need not receive them again.</summary>
internal sealed class HeldData
{
    private readonly Lock _lock = new();
    private TrainingData? _held;

    /// <summary>The examples with their digest; null for none.</summary>
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
