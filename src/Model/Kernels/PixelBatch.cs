using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Lockstep.Model.Data;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch for the pixel kernels: compressed rows of pixel pairs (see <see cref="ImageSet"/>), the indices of the batch's
/// images, and the value of each intensity. Views of an image set, or of its copy after input dropout.
/// </summary>
internal readonly ref struct PixelBatch
{
    /// <summary>A batch of a set's images: x = intensity / 255.</summary>
    /// <param name="images">The set.</param>
    /// <param name="examples">The image of each row of the batch.</param>
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

    /// <summary>Takes valid rows, unchecked.</summary>
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

    /// <summary>Pixel pairs of one image. If the number of pixels is odd, the last pair's second pixel is always zero.</summary>
    public int Pairs => (Pixels + 1) / 2;

    /// <summary>The first entry of each image, and the end of the last.</summary>
    public ReadOnlySpan<int> RowStarts { get; }

    /// <summary>All entries, see <see cref="ImageSet.Entries"/>; pairs are less than <see cref="Pairs"/>.</summary>
    public ReadOnlySpan<uint> Entries { get; }

    /// <summary>x of each of the 256 intensities; x of 0 is 0.</summary>
    public ReadOnlySpan<float> Scaled { get; }

    /// <summary>The image of each row of the batch.</summary>
    public ReadOnlySpan<int> Examples { get; }

    /// <summary>
    /// Prefetches the entries of an image. A batch's images are scattered over the set, and each is too short for the hardware prefetcher.
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
