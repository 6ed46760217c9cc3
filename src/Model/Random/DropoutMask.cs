using Lockstep.Model.Specs;

namespace Lockstep.Model.Random;

/// <summary>
/// Which units dropout keeps. A unit is kept where its 16-bit draw is less than round(keep probability · 65,536).
/// <para>
/// Draws come from Philox blocks with the counter (block, position in the batch, step, dropout of this layer). Sixteen blocks give 128 units:
/// unit u of a group of 128 takes half word u / 16 of block u mod 16, halves counted from the low half of the first word. So whole
/// vectors of blocks give whole vectors of units, whatever the width.
/// </para>
/// </summary>
internal static class DropoutMask
{
    private const int BlocksPerGroup = 16;
    private const int UnitsPerGroup = 128;

    /// <summary>Draws below this are kept; 1 to 65,536.</summary>
    public static uint Threshold(double keepProb) => (uint)Math.Round(keepProb * 65536.0);

    /// <summary>What kept units are multiplied by.</summary>
    public static float Scale(LayerSpec layer) => (float)(1.0 / layer.KeepProb);

    /// <summary>Fills the masks of consecutive examples: all bits set where a unit is kept, none where it is dropped.</summary>
    /// <param name="keep">[examples, stride] masks; the number of examples follows from it.</param>
    /// <param name="stride">Units of one example, a multiple of 16.</param>
    /// <param name="threshold">Draws below this are kept.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="firstPosition">Position in the batch of the first example.</param>
    public static void Fill(Span<uint> keep, int stride, uint threshold, ulong seed, long step, int layer, int firstPosition)
    {
        uint tag = Philox4x32.Tag(RandomPurpose.Dropout, layer);
        Span<uint> words = stackalloc uint[4];
        for (int row = 0; row < keep.Length / stride; row++)
        {
            Span<uint> units = keep.Slice(row * stride, stride);
            for (int first = 0; first < stride; first += UnitsPerGroup)
            {
                for (int b = 0; b < BlocksPerGroup; b++)
                {
                    uint block = (uint)(first / UnitsPerGroup * BlocksPerGroup + b);
                    Philox4x32.Block(block, (uint)(firstPosition + row), (uint)step, tag, seed, words);
                    for (int half = 0; half < 8 && first + half * BlocksPerGroup < stride; half++)
                    {
                        uint draw = (words[half / 2] >> (16 * (half % 2))) & 0xFFFF;
                        units[first + half * BlocksPerGroup + b] = draw < threshold ? uint.MaxValue : 0;
                    }
                }
            }
        }
    }
}
