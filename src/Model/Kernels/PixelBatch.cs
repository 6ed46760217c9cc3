using Lockstep.Model.Data;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch as the pixel kernels read them: compressed rows, which of them are in the batch, and what an intensity counts for.
/// They are views of an image set, or of its copy thinned by dropout (see <see cref="Training.ThinnedPixels"/>).
/// </summary>
internal readonly ref struct PixelBatch
{
    /// <summary>Images of a set as they are: x = intensity / 255.</summary>
    /// <param name="images">The set.</param>
    /// <param name="examples">Which images, one per row of the batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">An example is not an image of the set.</exception>
    public PixelBatch(ImageSet images, ReadOnlySpan<int> examples)
        : this(images.Pixels, images.RowStarts, images.Indices, images.Values, PixelForward.Scaled, examples)
    {
        foreach (int example in examples)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(example, nameof(examples));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(example, images.Count, nameof(examples));
        }
    }

    /// <summary>Rows that are known to be right.</summary>
    public PixelBatch(
        int pixels, ReadOnlySpan<int> rowStarts, ReadOnlySpan<ushort> indices, ReadOnlySpan<byte> values, ReadOnlySpan<float> scaled, ReadOnlySpan<int> examples)
    {
        Pixels = pixels;
        RowStarts = rowStarts;
        Indices = indices;
        Values = values;
        Scaled = scaled;
        Examples = examples;
    }

    /// <summary>Rows of the batch.</summary>
    public int Count => Examples.Length;

    /// <summary>Pixels of one image.</summary>
    public int Pixels { get; }

    /// <summary>Where each image's entries begin, and after them the end of the last.</summary>
    public ReadOnlySpan<int> RowStarts { get; }

    /// <summary>Pixel index of every entry, less than <see cref="Pixels"/>; ascending within an image.</summary>
    public ReadOnlySpan<ushort> Indices { get; }

    /// <summary>Intensity of every entry, 1..255.</summary>
    public ReadOnlySpan<byte> Values { get; }

    /// <summary>x of every intensity, 256 of them.</summary>
    public ReadOnlySpan<float> Scaled { get; }

    /// <summary>Of each row of the batch, the image.</summary>
    public ReadOnlySpan<int> Examples { get; }
}
