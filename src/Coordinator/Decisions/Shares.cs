namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// Decides how many shards each worker gets: first minimises the time of the slowest worker, then of the next slowest; among equal
/// divisions, moves the fewest shards.
/// </summary>
internal static class Shares
{
    /// <param name="shards">Number of shards.</param>
    /// <param name="workers">The workers; the earlier wins a tie.</param>
    /// <param name="before">Previous shards of each worker.</param>
    /// <returns>Shards of each worker. They add up to <paramref name="shards"/>, or to 0 if no worker may own any.</returns>
    public static int[] Divide(int shards, IReadOnlyList<RosterWorker> workers, IReadOnlyList<int> before)
    {
        int[] shares = new int[workers.Count];
        for (int shard = 0; shard < shards; shard++)
        {
            int best = -1;
            for (int i = 0; i < shares.Length; i++)
            {
                if (double.IsFinite(workers[i].Slowness) && (best < 0 || IsBetter(i, best)))
                    best = i;
            }

            if (best < 0)
                break;
            shares[best]++;
        }

        return shares;

        // Gives one shard after another to the worker that finishes it first. On equal times it fills a partly empty round of lanes, then
        // prefers a worker that already has the data of the shard.
        bool IsBetter(int i, int best)
        {
            (double, double, bool) left = Cost(i), right = Cost(best);
            return left.CompareTo(right) < 0;
        }

        (double Time, double Load, bool IsMove) Cost(int i) =>
            (workers[i].TimeOf(shares[i] + 1), (shares[i] + 1) * workers[i].Slowness / workers[i].Lanes, shares[i] >= before[i]);
    }
}
