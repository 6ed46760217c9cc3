namespace Lockstep.Cluster.Tests;

/// <summary>
/// A <see cref="SmallRun"/> of some seconds, however quick the machine: for what is done to it at one of its steps, wherever that is.
/// </summary>
public sealed class LongRun : IDisposable
{
    public SmallRun Run { get; } = new(epochs: 250);

    public void Dispose() => Run.Dispose();
}
