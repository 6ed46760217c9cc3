namespace Lockstep.Coordinator.Decisions;

/// <summary>A worker that shards are divided among.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Lanes">Compute threads, at least 1.</param>
/// <param name="Slowness">Time of a shard on one of its lanes, in any unit that is the same for all. Infinite: it is to own nothing.</param>
internal readonly record struct RosterWorker(WorkerId Worker, int Lanes, double Slowness = 1)
{
    /// <summary>How often its lanes compute one shard each, for so many shards.</summary>
    public int RoundsOf(int shards) => (shards + Lanes - 1) / Lanes;

    /// <summary>How long it takes for so many shards.</summary>
    public double TimeOf(int shards) => shards == 0 ? 0 : RoundsOf(shards) * Slowness;
}
