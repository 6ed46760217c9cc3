using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Hosting;

/// <summary>The leading coordinator trains another run than this one was started for.</summary>
/// <param name="leader">The leader's run.</param>
/// <param name="address">HOST:PORT of the leader.</param>
public sealed class OtherRunException(RunSpec leader, string address)
    : Exception($"The coordinator at {address} trains another run. Start all coordinators of a run with the same options.")
{
    /// <summary>The leader's run.</summary>
    public RunSpec Leader { get; } = leader;

    /// <summary>HOST:PORT of the leader.</summary>
    public string Address { get; } = address;
}
