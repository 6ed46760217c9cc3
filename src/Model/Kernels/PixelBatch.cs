using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Lockstep.Model.Data;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch as the pixel kernels read them: compressed rows of pixel pairs (see <see cref="ImageSet"/>), which of them are in the
/// batch, and what an intensity counts for. They are views of an image set, or of its copy thinned by dropout.
/// </summary>
internal readonly ref struct PixelBatch
{
    /// <summary>Images of a set as they are: x = intensity / 255.</summary>
    /// <param name="images">The set.</param>
    /// <param name="examples">Which images, one per row of the batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">An example is not an image of the set.</exception>
    public PixelBatch(ImageSet images, ReadOnlySpan<int> examples)
        : this(images.Pixels, images.RowStarts, images.Entries, PixelForward.Scaled, examples)
    {
        foreach (int example in examples)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(example, nameof(examples));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(example, images.Count, nameof(examples));
        }
    }

    /// <summary>Rows that are known to be right.</summary>
    public PixelBatch(
        int pixels, ReadOnlySpan<int> rowStarts, ReadOnlySpan<uint> entries, ReadOnlySpan<float> scaled, ReadOnlySpan<int> examples)
    {
        Pixels = pixels;
        RowStarts = rowStarts;
        Entries = entries;
        Scaled = scaled;
        Examples = examples;
    }

    /// <summary>Rows of the batch.</summary>
    public int Count => Examples.Length;

    /// <summary>Pixels of one image.</summary>
    public int Pixels { get; }

    /// <summary>Pairs of pixels of one image; where the pixels are odd, the last pair's second pixel is none and always zero.</summary>
    public int Pairs => (Pixels + 1) / 2;

    /// <summary>Where each image's entries begin, and after them the end of the last.</summary>
    public ReadOnlySpan<int> RowStarts { get; }

    /// <summary>Every entry as <see cref="ImageSet.Entries"/> has them; pairs are less than <see cref="Pairs"/>.</summary>
    public ReadOnlySpan<uint> Entries { get; }

    /// <summary>x of every intensity, 256 of them; that of 0 is 0.</summary>
    public ReadOnlySpan<float> Scaled { get; }

    /// <summary>Of each row of the batch, the image.</summary>
    public ReadOnlySpan<int> Examples { get; }

    /// <summary>
    /// Asks for the entries of an image that is to be read soon: the images of a batch lie anywhere in the set, and each is too short for the
    /// processor to see that it is read in order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int example)
    {
        if (!Sse.IsSupported)
            return;
        const int line = 64 / sizeof(uint);
        ref uint packed = ref MemoryMarshal.GetReference(Entries);
        int end = RowStarts[example + 1];
        for (int k = RowStarts[example]; k < end; k += line)
            Sse.Prefetch1(Unsafe.AsPointer(ref Unsafe.Add(ref packed, k)));
    }
}
