using System.Numerics;

namespace Lockstep.Model.Kernels;

/// <summary>
/// One shard of a sum over shards, and what to do with its sum. Executed from left to right, like increments of a binary counter, the terms
/// add shards along the aligned binary tree: slot d holds the finished left sibling of the current subtree of level d.
/// <para>
/// Empty shards have no terms: their sum is +0, no finished sum is -0 (see <see cref="Reduction.GradientSum"/>), and x + 0 = x. So the
/// result depends neither on empty shards nor on how a node was split.
/// </para>
/// </summary>
/// <param name="Start">First index of the shard.</param>
/// <param name="Depth">Indices of the shard.</param>
/// <param name="Levels">Bit set of the slots to add to the left of the shard's sum, from the lowest.</param>
/// <param name="Target">The slot that receives the sum; <see cref="Result"/> for the last term, whose sum is the final result.</param>
internal readonly record struct ShardTerm(int Start, int Depth, uint Levels, int Target)
{
    /// <summary>The <see cref="Target"/> of the last term.</summary>
    public const int Result = -1;

    /// <summary>Slots of the largest tree, of <see cref="Specs.RunSpec.MaxShards"/> shards.</summary>
    public const int Slots = 12;

    /// <summary>
    /// Writes the terms of the shards bounds[s] to bounds[s + 1] and returns their number, at least one (of depth 0 if all shards are
    /// empty).
    /// </summary>
    public static int Fill(ReadOnlySpan<int> bounds, Span<ShardTerm> terms)
    {
        int count = 0, shards = bounds.Length - 1;
        uint present = 0;
        for (int s = Next(bounds, -1); s < shards;)
        {
            int next = Next(bounds, s);
            int target = next < shards ? BitOperations.Log2((uint)(s ^ next)) : Result;
            // Everything below the level at which the two shards diverge is finished: it becomes the left sibling at that level.
            uint below = target == Result ? uint.MaxValue : (1u << target) - 1;
            terms[count++] = new ShardTerm(bounds[s], bounds[s + 1] - bounds[s], present & below, target);
            if (target != Result)
                present = (present & ~below) | (1u << target);
            s = next;
        }

        if (count == 0)
            terms[count++] = new ShardTerm(0, 0, 0, Result);
        return count;
    }

    private static int Next(ReadOnlySpan<int> bounds, int shard)
    {
        do
            shard++;
        while (shard < bounds.Length - 1 && bounds[shard] == bounds[shard + 1]);
        return shard;
    }
}
