namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// How many shards each worker gets. First, the slowest is done as early as can be, and so is the next slowest; of the divisions
/// that are equal in this, the one that takes the fewest shards from those that have them.
/// </summary>
internal static class Shares
{
    /// <summary>Divides the shards.</summary>
    /// <param name="shards">How many there are.</param>
    /// <param name="workers">Among whom, in the order in which they come where nothing else counts.</param>
    /// <param name="before">How many each of them had.</param>
    /// <returns>How many each of them gets: all shards, or none where nobody may own any.</returns>
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

        // One shard after another goes to whom it keeps busy for the shortest time. At equal times a half-empty round of lanes is filled
        // evenly. What is equal still is equal for the balance: it goes to one that need not be sent anything new.
        bool IsBetter(int i, int best)
        {
            (double, double, bool) left = Cost(i), right = Cost(best);
            return left.CompareTo(right) < 0;
        }

        (double Time, double Load, bool IsMove) Cost(int i) =>
            (workers[i].TimeOf(shares[i] + 1), (shares[i] + 1) * workers[i].Slowness / workers[i].Lanes, shares[i] >= before[i]);
    }
}
