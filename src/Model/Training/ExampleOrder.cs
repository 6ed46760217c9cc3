using System.Runtime.Intrinsics;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Training;

/// <summary>
/// The order of the training examples: one permutation per epoch, determined by seed and epoch. Every example occurs exactly once per
/// epoch. Thread-safe for lanes in the same or in two adjacent epochs.
/// </summary>
/// <param name="spec">The run spec: gives the seed and the number of examples.</param>
public sealed class ExampleOrder(RunSpec spec)
{
    private readonly Lock _lock = new();

    // Two slots, by parity: while some lanes finish an epoch, others may have begun the next.
    private readonly Permutation?[] _slots = new Permutation?[2];

    /// <summary>
    /// The examples of an epoch in order: a permutation of 0 .. TrainingExamples - 1. Valid until the epoch after the next is first
    /// requested, which reuses its memory.
    /// </summary>
    public ReadOnlySpan<int> Epoch(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ref Permutation? slot = ref _slots[epoch & 1];
        Permutation? cached = Volatile.Read(ref slot);
        if (cached?.Epoch == epoch)
            return cached.Examples;
        lock (_lock)
        {
            cached = slot;
            if (cached?.Epoch == epoch)
                return cached.Examples;
            // The result of a lane that slept for two epochs is dropped; it must not overwrite what the others read now.
            if (cached?.Epoch > epoch)
                return Shuffle(new int[spec.Data.TrainingExamples], spec.Seed, epoch);
            cached = new Permutation(epoch, Shuffle(cached?.Examples ?? new int[spec.Data.TrainingExamples], spec.Seed, epoch));
            Volatile.Write(ref slot, cached);
            return cached.Examples;
        }
    }

    /// <summary>
    /// Fisher-Yates shuffle, from the last position down: position i swaps with one of the positions 0..i. Its number has 64 bits: half i
    /// mod 2 of the Philox block with counter (i / 2, 0, epoch, example order).
    /// </summary>
    private static int[] Shuffle(int[] order, ulong seed, int epoch)
    {
        uint tag = Philox4x32.Tag(RandomPurpose.ExampleOrder);
        for (int i = 0; i < order.Length; i++)
            order[i] = i;

        Vector128<ulong> block = default;
        for (int i = order.Length - 1, drawn = -1; i > 0; i--)
        {
            if (i / 2 != drawn)
                block = Philox4x32.Block((uint)(drawn = i / 2), 0, (uint)epoch, tag, seed).AsUInt64();
            int j = Philox4x32.Below(block[i & 1], i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private sealed record Permutation(int Epoch, int[] Examples);
}
