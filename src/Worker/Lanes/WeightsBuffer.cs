using Lockstep.Model.Memory;

namespace Lockstep.Worker.Lanes;

/// <summary>
/// Weights of a step, received from the stream or in the coordinator's memory. Lanes may still read an older buffer meanwhile.
/// </summary>
internal sealed class WeightsBuffer(AlignedBuffer values)
{
    public AlignedBuffer Values { get; } = values;

    /// <summary>Number of lanes that compute with it. Guarded by the lock of the team.</summary>
    public int Readers { get; set; }
}
