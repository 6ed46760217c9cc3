using Lockstep.Model.Specs;
using Lockstep.Training;

namespace Lockstep.Sweeps;

/// <summary>One training of a sweep.</summary>
/// <param name="Name">Name of its run folder within the folder of the sweep: see <see cref="SweepPoint.Name"/>.</param>
/// <param name="Model">The network.</param>
/// <param name="Options">How it is trained.</param>
public sealed record SweepTrial(string Name, ModelSpec Model, TrainerOptions Options)
{
    /// <summary>
    /// When it is evaluated and saved, and what its configuration says. The sweep decides on the folder and the threads.
    /// </summary>
    public RunOptions Run { get; init; } = new();
}
