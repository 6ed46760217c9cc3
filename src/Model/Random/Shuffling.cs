using System.Runtime.Intrinsics;

namespace Lockstep.Model.Random;

/// <summary>Random permutations.</summary>
public static class Shuffling
{
    /// <summary>
    /// Fisher-Yates shuffle, from the last position down: position i swaps with one of the positions 0..i. Its number has 64 bits: half i
    /// mod 2 of the Philox block with counter (i / 2, 0, stream, purpose).
    /// </summary>
    /// <param name="items">Shuffled in place.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="stream">Tells the permutations of one purpose apart, such as the epoch.</param>
    /// <param name="seed">Key of the random numbers.</param>
    public static void Shuffle(Span<int> items, RandomPurpose purpose, uint stream, ulong seed)
    {
        uint tag = Philox4x32.Tag(purpose);
        Vector128<ulong> block = default;
        for (int i = items.Length - 1, drawn = -1; i > 0; i--)
        {
            if (i / 2 != drawn)
                block = Philox4x32.Block((uint)(drawn = i / 2), 0, stream, tag, seed).AsUInt64();
            int j = Philox4x32.Below(block[i & 1], i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
