using Lockstep.Model.Memory;

namespace Lockstep.Worker.Lanes;

/// <summary>Where weights are: received from the stream, while lanes may still read older ones in another buffer, or in the coordinator's memory.</summary>
internal sealed class WeightsBuffer(AlignedBuffer values)
{
    public AlignedBuffer Values { get; } = values;

    /// <summary>Lanes that compute with it now. Guarded by the lock of the team.</summary>
    public int Readers { get; set; }
}
