namespace Lockstep.Coordinator.Decisions;

/// <summary>A worker that shards are divided among.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Lanes">Compute threads, at least 1.</param>
/// <param name="Slowness">
/// Time of one shard on one of its lanes, in a unit common to all workers. Infinity: the worker owns nothing.
/// </param>
internal readonly record struct RosterWorker(WorkerId Worker, int Lanes, double Slowness = 1)
{
    /// <summary>Rounds in which its lanes compute <paramref name="shards"/> shards, one shard a lane and round.</summary>
    public int RoundsOf(int shards) => (shards + Lanes - 1) / Lanes;

    /// <summary>Time for <paramref name="shards"/> shards.</summary>
    public double TimeOf(int shards) => shards == 0 ? 0 : RoundsOf(shards) * Slowness;
}
