using System.Runtime.CompilerServices;

namespace Lockstep.Model.Data;

/// <summary>
/// The images of a set in compressed rows of pixel pairs: pair q is the pixels 2q and 2q + 1, and a row holds the pairs of which at least one is
/// not zero, in ascending order. Strokes are wider than a pixel, so a pair that is there mostly holds two: MNIST has 150 pixels that are not
/// zero in an image, and 88 pairs. The kernels of the input layer read this form, because two pixels can share what is loaded for them.
/// </summary>
internal sealed class PixelPairs
{
    private readonly int[] _rowStarts;
    private readonly uint[] _entries;

    /// <summary>Pairs up the pixels of a set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // Called once, and then for all images: it would run unoptimised.
    public PixelPairs(ImageSet images)
    {
        ReadOnlySpan<int> rowStarts = images.RowStarts;
        ReadOnlySpan<ushort> pixels = images.Indices;
        ReadOnlySpan<byte> values = images.Values;
        _rowStarts = new int[rowStarts.Length];
        int count = 0;
        for (int image = 0; image < images.Count; image++)
        {
            for (int k = rowStarts[image], previous = -1; k < rowStarts[image + 1]; k++)
            {
                int pair = pixels[k] / 2;
                count += pair == previous ? 0 : 1;
                previous = pair;
            }

            _rowStarts[image + 1] = count;
        }

        _entries = new uint[count];
        int entry = -1;
        for (int image = 0; image < images.Count; image++)
        {
            for (int k = rowStarts[image], previous = -1; k < rowStarts[image + 1]; k++)
            {
                int pair = pixels[k] / 2;
                entry += pair == previous ? 0 : 1;
                previous = pair;
                _entries[entry] |= (uint)pair << 16 | (uint)values[k] << (8 * (pixels[k] % 2));
            }
        }
    }

    /// <summary>Where each image's entries begin, and after them the end of the last.</summary>
    public ReadOnlySpan<int> RowStarts => _rowStarts;

    /// <summary>
    /// Every entry: its pair in the upper half, ascending within an image; below it the intensities, the odd pixel's above the even one's, not both zero.
    /// </summary>
    public ReadOnlySpan<uint> Entries => _entries;
}
