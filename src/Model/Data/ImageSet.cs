using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Data;

/// <summary>
/// Labelled images, grey or RGB, in compressed rows of pixel pairs. A pixel here is one intensity: an RGB image has three for each place,
/// one after the other. Pair q holds the pixels 2q and 2q + 1; an image's row holds the pairs with at least one non-zero pixel, in
/// ascending order. MNIST is 19% non-zero, so this is the most compact form. Strokes are wider than a pixel,
/// so most stored pairs hold two: 150 pixels of an image in 88 pairs. The kernels of the input layer read this form, because two pixels can
/// share a load.
/// </summary>
public sealed class ImageSet : Examples
{
    /// <summary>Maximum intensities of one image.</summary>
    public const int MaxPixels = ushort.MaxValue + 1;

    private readonly ReadOnlyMemory<int> _rowStarts;
    private readonly ReadOnlyMemory<uint> _entries;
    private readonly ReadOnlyMemory<byte> _labels;

    /// <summary>Takes ownership of arrays in compressed form.</summary>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row; height · width · channels is at most <see cref="MaxPixels"/>.</param>
    /// <param name="rowStarts">Count + 1 positions; image i has the entries rowStarts[i] to rowStarts[i + 1].</param>
    /// <param name="entries">Pairs of pixels, see <see cref="Entries"/>.</param>
    /// <param name="labels">Class of each image.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <exception cref="ArgumentException">The arrays are not valid images; the message says where.</exception>
    public ImageSet(int height, int width, int[] rowStarts, uint[] entries, byte[] labels, int channels = 1)
        : this(height, width, channels, (ReadOnlyMemory<int>)rowStarts, entries, labels)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(labels);
        CheckSize(height, width, channels);
        CheckRowStarts(rowStarts, labels.Length, entries.Length);
        for (int image = 0; image < labels.Length; image++)
            CheckRow(image, entries.AsSpan(rowStarts[image]..rowStarts[image + 1]), Pixels);
    }

    private ImageSet(
        int height, int width, int channels, ReadOnlyMemory<int> rowStarts, ReadOnlyMemory<uint> entries, ReadOnlyMemory<byte> labels)
    {
        Height = height;
        Width = width;
        Channels = channels;
        Shape = new TensorShape(height, width, channels);
        (_rowStarts, _entries, _labels) = (rowStarts, entries, labels);
    }

    /// <summary>Number of images.</summary>
    public override int Count => _labels.Length;

    /// <summary>Rows of pixels of one image.</summary>
    public int Height { get; }

    /// <summary>Pixels of one row.</summary>
    public int Width { get; }

    /// <summary>Intensities of a place: 1 for grey, 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>Intensities of one image.</summary>
    public int Pixels => Height * Width * Channels;

    /// <summary>[height, width, channels].</summary>
    public override TensorShape Shape { get; }

    /// <inheritdoc/>
    public override string KindName => "images";

    /// <inheritdoc/>
    public override string SizeText =>
        Channels == 1 ? $"{Height} x {Width} = {Pixels} pixels" : $"{Height} x {Width} x {Channels} = {Pixels} values";

    /// <summary>Class of each image.</summary>
    public override ReadOnlySpan<byte> Labels => _labels.Span;

    /// <summary>The first entry of each image; Count + 1 positions, the first is 0.</summary>
    public ReadOnlySpan<int> RowStarts => _rowStarts.Span;

    /// <summary>
    /// All entries. The upper half is the pair, strictly ascending within an image; below it are the intensities of the odd and the even
    /// pixel, not both zero.
    /// </summary>
    public ReadOnlySpan<uint> Entries => _entries.Span;

    /// <summary>Non-zero pixels of all images.</summary>
    public long NonZeroPixels
    {
        get
        {
            long count = 0;
            foreach (uint entry in Entries)
                count += ((entry & 0xFF) == 0 ? 0 : 1) + ((entry & 0xFF00) == 0 ? 0 : 1);
            return count;
        }
    }

    /// <summary>Compresses dense images.</summary>
    /// <param name="pixels">[count, height, width, channels] intensities, row-major.</param>
    /// <param name="labels">[count] classes.</param>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    public static ImageSet FromDense(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels, int height, int width, int channels = 1)
    {
        var builder = new ImageSetBuilder(height, width, channels);
        if (pixels.Length != (long)labels.Length * builder.Pixels)
            throw new ArgumentException(
                $"{pixels.Length} pixels for {labels.Length} images of {height} x {width}; "
                    + $"expected {(long)labels.Length * builder.Pixels}.");
        builder.AddImages(pixels, labels);
        return builder.ToImageSet();
    }

    /// <summary>Takes ownership of valid memory, unchecked.</summary>
    internal static ImageSet FromCompressed(
        int height, int width, int channels, ReadOnlyMemory<int> rowStarts, ReadOnlyMemory<uint> entries, ReadOnlyMemory<byte> labels)
        => new(height, width, channels, rowStarts, entries, labels);

    /// <summary>Whether images of that size can be stored: 1 to <see cref="MaxPixels"/> intensities in 1 or 3 channels.</summary>
    public static bool IsSize(int height, int width, int channels) =>
        height >= 1 && width >= 1 && channels is 1 or 3 && (Int128)height * width * channels <= MaxPixels;

    /// <exception cref="ArgumentException">Images of that size cannot be stored.</exception>
    internal static void CheckSize(int height, int width, int channels)
    {
        if (!IsSize(height, width, channels))
            throw new ArgumentException(
                $"Images of {height} x {width} pixels in {channels} channels; expected 1 to {MaxPixels} values in 1 or 3 channels.");
    }

    /// <summary>
    /// The <paramref name="count"/> images from <paramref name="first"/> on. Does not copy if <paramref name="first"/> is 0.
    /// </summary>
    public override ImageSet Slice(int first, int count)
    {
        ReadOnlySpan<int> all = RowStarts;
        int start = all[first], end = all[first + count];
        if (first == 0)
            return FromCompressed(Height, Width, Channels, _rowStarts[..(count + 1)], _entries[..end], _labels[..count]);
        var rowStarts = new int[count + 1];
        for (int i = 0; i <= count; i++)
            rowStarts[i] = all[first + i] - start;
        return FromCompressed(Height, Width, Channels, rowStarts, Entries[start..end].ToArray(), Labels.Slice(first, count).ToArray());
    }

    /// <summary>Writes the height · width · channels intensities of one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // Hot from its first call on: the digest at each start goes through it.
    public void CopyPixels(int image, Span<byte> pixels)
    {
        pixels = pixels[..Pixels];
        pixels.Clear();
        foreach (uint entry in Entries[RowStarts[image]..RowStarts[image + 1]])
        {
            int pixel = 2 * (int)(entry >> 16);
            pixels[pixel] = (byte)entry;
            if (pixel + 1 < pixels.Length)
                pixels[pixel + 1] = (byte)(entry >> 8);
        }
    }

    /// <summary>
    /// Appends the content to a digest: for RGB the text <c>rgb</c>, then count, height and width as little-endian int32, all pixels, all
    /// labels.
    /// </summary>
    public override void AppendTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        if (Channels == 3)
            hash.AppendData("rgb"u8);
        Span<byte> header = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Height);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Width);
        hash.AppendData(header);

        // Several images a call, because a call costs more than the hash of one image.
        byte[] block = new byte[Math.Max(1, (1 << 16) / Pixels) * Pixels];
        int filled = 0;
        for (int image = 0; image < Count; image++)
        {
            CopyPixels(image, block.AsSpan(filled));
            filled += Pixels;
            if (filled == block.Length || image == Count - 1)
            {
                hash.AppendData(block.AsSpan(0, filled));
                filled = 0;
            }
        }

        hash.AppendData(Labels);
    }

    /// <inheritdoc/>
    public override ExamplesHeader Header =>
        new(Channels == 1 ? IncomingImages.Kind : IncomingImages.ColourKind, Count, Height, Width, Entries.Length);

    /// <summary>Row starts, labels and entries.</summary>
    public override int Arrays => 3;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Array(int index) => index switch
    {
        0 => MemoryMarshal.AsBytes(RowStarts),
        1 => Labels,
        _ => MemoryMarshal.AsBytes(Entries),
    };

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Content(int example) =>
        MemoryMarshal.AsBytes(Entries[RowStarts[example]..RowStarts[example + 1]]);

    /// <exception cref="ArgumentException">The row starts are not ascending from 0 to the number of entries.</exception>
    internal static void CheckRowStarts(ReadOnlySpan<int> rowStarts, int labels, int entries)
    {
        if (rowStarts.Length != labels + 1 || rowStarts[0] != 0 || rowStarts[^1] != entries)
            throw new ArgumentException($"{labels} labels, {rowStarts.Length} row starts and {entries} entries do not belong together.");
        for (int image = 0; image < labels; image++)
        {
            if (rowStarts[image + 1] < rowStarts[image] || rowStarts[image + 1] > entries)
                throw new ArgumentException(
                    $"Image {image} ends at entry {rowStarts[image + 1]}, outside {rowStarts[image]} to {entries}.");
        }
    }

    /// <exception cref="ArgumentException">The entries are not those of an image.</exception>
    internal static void CheckRow(int image, ReadOnlySpan<uint> row, int pixels)
    {
        int previous = -1;
        foreach (uint entry in row)
        {
            int pair = (int)(entry >> 16);
            if (pair <= previous || 2 * pair >= pixels || (entry & 0xFFFF) == 0 || (2 * pair + 1 == pixels && (entry & 0xFF00) != 0))
                throw new ArgumentException(
                    $"Image {image}: pair {pair} of {pixels} pixels with intensities {entry & 0xFF} and {entry >> 8 & 0xFF} after pair "
                        + $"{previous}.");
            previous = pair;
        }
    }
}
