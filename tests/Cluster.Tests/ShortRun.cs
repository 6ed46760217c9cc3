namespace Lockstep.Cluster.Tests;

/// <summary>A <see cref="SmallRun"/> for tests that only start it and look at its end, with shards for many workers.</summary>
public sealed class ShortRun : IDisposable
{
    public SmallRun Run { get; } = new(epochs: 12, shards: 16);

    public void Dispose() => Run.Dispose();
}
