using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Random;

/// <summary>
/// Dropout masks. A unit is kept if its 16-bit draw is less than round(keep probability · 65,536).
/// <para>
/// Draws come from Philox blocks with the counter (block, position in the batch, step, dropout of this layer or of the input). Sixteen
/// blocks give 128 units: unit u of a group of 128 uses half word u / 16 of block u mod 16, halves counted from the low half of the first
/// word. So whole vectors of blocks give whole vectors of units at any width.
/// </para>
/// </summary>
internal static class DropoutMask
{
    private const int BlocksPerGroup = 16;
    private const int UnitsPerGroup = 128;

    /// <summary>
    /// The layer number of input masks. No layer has it: a model has at most <c>ModelSpec.MaxLayers</c> layers.
    /// </summary>
    public const int InputLayer = (1 << 24) - 1;

    /// <summary>Draws below this are kept; 1 to 65,536.</summary>
    public static uint Threshold(double keepProb) => (uint)Math.Round(keepProb * 65536.0);

    /// <summary>The factor of kept units.</summary>
    public static float Scale(double keepProb) => (float)(1.0 / keepProb);

    /// <summary>Computes the masks of consecutive examples: all bits set for kept units, none for dropped ones.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="keep">[examples, stride] masks; the number of examples follows from it.</param>
    /// <param name="stride">Units of one example, a multiple of 16.</param>
    /// <param name="threshold">Draws below this are kept.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    /// <param name="layer">The layer, from 0, or <see cref="InputLayer"/>.</param>
    /// <param name="firstPosition">Position in the batch of the first example.</param>
    /// <exception cref="ArgumentException">The masks are not whole rows, or the stride is not a multiple of 16.</exception>
    public static void Fill(
        SimdWidth width, Span<uint> keep, int stride, uint threshold, ulong seed, long step, int layer, int firstPosition)
    {
        if (stride < 16 || stride % 16 != 0 || keep.Length % stride != 0)
            throw new ArgumentException(
                $"{keep.Length} masks with stride {stride}; expected whole rows of a multiple of 16.", nameof(keep));
        uint tag = Philox4x32.Tag(RandomPurpose.Dropout, layer);
        for (int row = 0; row < keep.Length / stride; row++)
        {
            Span<uint> units = keep.Slice(row * stride, stride);
            uint position = (uint)(firstPosition + row);
            switch (width)
            {
                case SimdWidth.Bits512:
                    Vectorised<Simd512, Vector512<float>>(units, threshold, position, (uint)step, tag, seed);
                    break;
                case SimdWidth.Bits256:
                    Vectorised<Simd256, Vector256<float>>(units, threshold, position, (uint)step, tag, seed);
                    break;
                case SimdWidth.Bits128:
                    Vectorised<Simd128, Vector128<float>>(units, threshold, position, (uint)step, tag, seed);
                    break;
                default:
                    Scalar(units, threshold, position, (uint)step, tag, seed);
                    break;
            }
        }
    }

    private static void Scalar(Span<uint> units, uint threshold, uint position, uint step, uint tag, ulong seed)
    {
        Span<uint> words = stackalloc uint[4];
        for (int first = 0; first < units.Length; first += UnitsPerGroup)
        {
            for (int b = 0; b < BlocksPerGroup; b++)
            {
                Philox4x32.Block((uint)(first / UnitsPerGroup * BlocksPerGroup + b), position, step, tag, seed, words);
                for (int half = 0; half < 8 && first + half * BlocksPerGroup < units.Length; half++)
                {
                    uint draw = (words[half / 2] >> (16 * (half % 2))) & 0xFFFF;
                    units[first + half * BlocksPerGroup + b] = draw < threshold ? uint.MaxValue : 0;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(Span<uint> units, uint threshold, uint position, uint step, uint tag, ulong seed)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float unit = ref Unsafe.As<uint, float>(ref MemoryMarshal.GetReference(units));
        TVector limit = TSimd.BroadcastBits(threshold);
        for (int first = 0; first < units.Length; first += UnitsPerGroup)
        {
            int halves = Math.Min(8, (units.Length - first) / BlocksPerGroup);
            for (int b = 0; b < BlocksPerGroup; b += TSimd.Width)
            {
                TVector w0 = TSimd.SequenceBits((uint)(first / UnitsPerGroup * BlocksPerGroup + b));
                TVector w1 = TSimd.BroadcastBits(position), w2 = TSimd.BroadcastBits(step), w3 = TSimd.BroadcastBits(tag);
                Philox4x32.Blocks<TSimd, TVector>(ref w0, ref w1, ref w2, ref w3, seed);
                nint offset = first + b;
                Store(w0, 0, ref unit, offset);
                Store(w1, 2, ref unit, offset);
                Store(w2, 4, ref unit, offset);
                Store(w3, 6, ref unit, offset);
            }

            void Store(TVector words, int half, ref float unit, nint offset)
            {
                if (half < halves)
                    TSimd.Store(TSimd.LessThanBits(TSimd.HalfBits(words, 0), limit), ref unit, offset + half * BlocksPerGroup);
                if (half + 1 < halves)
                    TSimd.Store(TSimd.LessThanBits(TSimd.HalfBits(words, 1), limit), ref unit, offset + (half + 1) * BlocksPerGroup);
            }
        }
    }
}
