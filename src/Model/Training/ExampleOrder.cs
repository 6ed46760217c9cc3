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

    private static int[] Shuffle(int[] order, ulong seed, int epoch)
    {
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Shuffling.Shuffle(order, RandomPurpose.ExampleOrder, (uint)epoch, seed);
        return order;
    }

    private sealed record Permutation(int Epoch, int[] Examples);
}
