using Lockstep.Model.Augmenting;
using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// Augmented copies of a batch's images, in the compressed form of an <see cref="ImageSet"/>. Memory grows to the largest batch seen; after
/// that nothing is allocated.
/// </summary>
internal sealed class AugmentedImages
{
    private readonly ImageAugmenter _augmenter;
    private readonly int _pixels;
    private readonly byte[] _image;
    private int[] _rowStarts = [0];
    private int[] _rows = [];
    private uint[] _entries = [];

    /// <summary>Copies of the images of a set.</summary>
    /// <param name="images">The set.</param>
    /// <param name="spec">The strengths.</param>
    /// <param name="seed">The run's seed.</param>
    public AugmentedImages(ImageSet images, AugmentationSpec spec, ulong seed)
    {
        _augmenter = new ImageAugmenter(spec, images.Height, images.Width, images.Channels, seed);
        _pixels = images.Pixels;
        _image = new byte[_pixels];
    }

    /// <summary>Copies of images as they are in an epoch; valid until the next call.</summary>
    /// <param name="images">The set.</param>
    /// <param name="examples">The image of each row.</param>
    /// <param name="epoch">The epoch.</param>
    public PixelBatch Of(ImageSet images, ReadOnlySpan<int> examples, int epoch)
    {
        int most = examples.Length * ((_pixels + 1) / 2);
        if (most > _entries.Length)
        {
            _entries = new uint[most];
            _rowStarts = new int[examples.Length + 1];
            _rows = [.. Enumerable.Range(0, examples.Length)];
        }

        int count = 0;
        for (int row = 0; row < examples.Length; row++)
        {
            images.CopyPixels(examples[row], _image);
            _augmenter.Apply(_image, epoch, examples[row], _image);
            count += ImageSetBuilder.Compress(_image, _entries.AsSpan(count));
            _rowStarts[row + 1] = count;
        }

        return new PixelBatch(
            _pixels, _rowStarts.AsSpan(0, examples.Length + 1), _entries, PixelForward.Scaled, _rows.AsSpan(0, examples.Length));
    }
}
