using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Random;

/// <summary>
/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
/// A block of four words is a pure function of a 128-bit counter and a 64-bit key. There is no state, so any thread can compute any number,
/// in any order and on any machine.
/// <para>
/// The key is the run's seed. The counter's words are, in order: index of the block; position of the item (an example in the batch, a
/// parameter, an image); low word of the step or the epoch; and <see cref="Tag"/>.
/// </para>
/// </summary>
public static class Philox4x32
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>Last word of the counter: the purpose in the top byte, below it a part, such as a layer (less than 2^24).</summary>
    public static uint Tag(RandomPurpose purpose, int part = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, 1 << 24);
        return ((uint)purpose << 24) | (uint)part;
    }

    /// <summary>The four words of one block.</summary>
    /// <param name="c0">Lowest word of the counter: the index of the block.</param>
    /// <param name="c1">Position.</param>
    /// <param name="c2">Low word of the step or the epoch.</param>
    /// <param name="c3">Highest word of the counter: the <see cref="Tag"/>.</param>
    /// <param name="key">The seed; its low word is the generator's first key word.</param>
    public static Vector128<uint> Block(uint c0, uint c1, uint c2, uint c3, ulong key)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return Vector128.Create(c0, c1, c2, c3);
    }

    /// <summary><see cref="Block(uint, uint, uint, uint, ulong)"/>, written to a span of four words.</summary>
    public static void Block(uint c0, uint c1, uint c2, uint c3, ulong key, Span<uint> four) =>
        Block(c0, c1, c2, c3, key).CopyTo(four);

    /// <summary>
    /// As many blocks at once as a vector has lanes: replaces the counter's words by the blocks' words, one block a lane.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Blocks<TSimd, TVector>(ref TVector w0, ref TVector w1, ref TVector w2, ref TVector w3, ulong key)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        TVector c0 = w0, c1 = w1, c2 = w2, c3 = w3;
        TVector multiplier0 = TSimd.BroadcastBits(Multiplier0), multiplier1 = TSimd.BroadcastBits(Multiplier1);
        for (int round = 0; round < Rounds; round++)
        {
            TSimd.MultiplyBits(c0, multiplier0, out TVector high0, out TVector low0);
            TSimd.MultiplyBits(c2, multiplier1, out TVector high1, out TVector low1);
            c0 = TSimd.Xor(TSimd.Xor(high1, c1), TSimd.BroadcastBits(k0));
            c2 = TSimd.Xor(TSimd.Xor(high0, c3), TSimd.BroadcastBits(k1));
            c1 = low1;
            c3 = low0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        (w0, w1, w2, w3) = (c0, c1, c2, c3);
    }

    /// <summary>A number in [0, range) from 64 random bits by multiply and shift (Lemire, 2019); the bias is below range / 2^64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Below(ulong bits, int range) => (int)Math.BigMul(bits, (ulong)(uint)range, out _);
}
