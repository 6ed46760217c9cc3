using Lockstep.Model.Training;

namespace Lockstep.Worker;

/// <summary>Received weights. Lanes may still read older ones while the next are received into another buffer.</summary>
internal sealed class WeightsBuffer(int length)
{
    public AlignedBuffer Values { get; } = new(length);

    public long Step { get; set; }

    /// <summary>Lanes that compute with it now. Guarded by the lock of the team.</summary>
    public int Readers { get; set; }
}
