using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Lockstep.Model.Data;

/// <summary>
/// Labelled grey images in compressed rows: of each image only the pixels that are not zero, in the order of their index.
/// MNIST is 19% non-zero, so this is both the smallest form and the one the kernels read.
/// </summary>
public sealed class ImageSet
{
    /// <summary>Largest number of pixels of one image: what an index of 16 bits reaches.</summary>
    public const int MaxPixels = ushort.MaxValue + 1;

    private readonly int[] _rowStarts;
    private readonly ushort[] _indices;
    private readonly byte[] _values;
    private readonly byte[] _labels;
    private PixelPairs? _pairs;

    /// <summary>Takes over arrays that are already in compressed form.</summary>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row; height · width is at most <see cref="MaxPixels"/>.</param>
    /// <param name="rowStarts">Count + 1 positions; image i has the entries from rowStarts[i] up to rowStarts[i + 1].</param>
    /// <param name="indices">Pixel indices (y · width + x), strictly ascending within an image.</param>
    /// <param name="values">Pixel intensities 1..255.</param>
    /// <param name="labels">Class of each image.</param>
    /// <exception cref="ArgumentException">The arrays do not describe images; the message says where.</exception>
    public ImageSet(int height, int width, int[] rowStarts, ushort[] indices, byte[] values, byte[] labels)
        : this(height, width, labels, rowStarts, indices, values)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(labels);
        CheckSize(height, width);
        if (rowStarts.Length != labels.Length + 1 || rowStarts[0] != 0 || rowStarts[^1] != indices.Length || indices.Length != values.Length)
            throw new ArgumentException($"{labels.Length} labels, {rowStarts.Length} row starts, {indices.Length} indices and {values.Length} values do not belong together.");
        for (int image = 0; image < labels.Length; image++)
        {
            int previous = -1;
            if (rowStarts[image + 1] < rowStarts[image] || rowStarts[image + 1] > indices.Length)
                throw new ArgumentException($"Image {image} ends at entry {rowStarts[image + 1]}, outside {rowStarts[image]} to {indices.Length}.");
            for (int k = rowStarts[image]; k < rowStarts[image + 1]; k++)
            {
                if (indices[k] <= previous || indices[k] >= height * width || values[k] == 0)
                    throw new ArgumentException($"Image {image}, entry {k}: pixel {indices[k]} with intensity {values[k]} after pixel {previous}.");
                previous = indices[k];
            }
        }
    }

    /// <summary>Without a check, for arrays made here; the order of the parameters only sets it apart from the public constructor.</summary>
    private ImageSet(int height, int width, byte[] labels, int[] rowStarts, ushort[] indices, byte[] values)
    {
        (Height, Width) = (height, width);
        (_rowStarts, _indices, _values, _labels) = (rowStarts, indices, values, labels);
    }

    /// <summary>Number of images.</summary>
    public int Count => _labels.Length;

    /// <summary>Rows of pixels of one image.</summary>
    public int Height { get; }

    /// <summary>Pixels of one row.</summary>
    public int Width { get; }

    /// <summary>Pixels of one image.</summary>
    public int Pixels => Height * Width;

    /// <summary>One more than the largest label; 0 for no images.</summary>
    public int Classes => _labels.Length == 0 ? 0 : _labels.Max() + 1;

    /// <summary>Class of each image.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>Where each image's entries begin; Count + 1 positions.</summary>
    public ReadOnlySpan<int> RowStarts => _rowStarts;

    /// <summary>Pixel index of every entry.</summary>
    public ReadOnlySpan<ushort> Indices => _indices;

    /// <summary>Intensity of every entry, 1..255.</summary>
    public ReadOnlySpan<byte> Values => _values;

    /// <summary>The images in the form that kernels read; made when first asked for.</summary>
    internal PixelPairs Pairs
    {
        get
        {
            if (Volatile.Read(ref _pairs) is { } pairs)
                return pairs;
            lock (_labels)
                return _pairs ??= new PixelPairs(this);
        }
    }

    /// <summary>Compresses dense images.</summary>
    /// <param name="pixels">[count, height · width] intensities, row-major.</param>
    /// <param name="labels">[count] classes.</param>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row.</param>
    public static ImageSet FromDense(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels, int height, int width)
    {
        var builder = new ImageSetBuilder(height, width);
        if (pixels.Length != (long)labels.Length * builder.Pixels)
            throw new ArgumentException($"{pixels.Length} pixels for {labels.Length} images of {height} x {width}; expected {(long)labels.Length * builder.Pixels}.");
        builder.AddImages(pixels, labels);
        return builder.ToImageSet();
    }

    /// <summary>Takes over arrays that are known to be right.</summary>
    internal static ImageSet FromCompressed(int height, int width, int[] rowStarts, ushort[] indices, byte[] values, byte[] labels)
        => new(height, width, labels, rowStarts, indices, values);

    /// <exception cref="ArgumentException">Images of that size have no pixels, or more than <see cref="MaxPixels"/>.</exception>
    internal static void CheckSize(int height, int width)
    {
        if (height < 1 || width < 1 || (long)height * width > MaxPixels)
            throw new ArgumentException($"Images of {height} x {width} pixels; expected 1 to {MaxPixels} pixels.");
    }

    /// <summary>The images from <paramref name="first"/> on, <paramref name="count"/> of them, as a set of their own.</summary>
    public ImageSet Slice(int first, int count)
    {
        int start = _rowStarts[first], end = _rowStarts[first + count];
        var rowStarts = new int[count + 1];
        for (int i = 0; i <= count; i++)
            rowStarts[i] = _rowStarts[first + i] - start;
        return FromCompressed(Height, Width, rowStarts, _indices[start..end], _values[start..end], _labels[first..(first + count)]);
    }

    /// <summary>Writes one image's intensities, height · width of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // Hot from its first call on: the digest at each start goes through it.
    public void CopyPixels(int image, Span<byte> pixels)
    {
        pixels = pixels[..Pixels];
        pixels.Clear();
        int start = _rowStarts[image], end = _rowStarts[image + 1];
        ReadOnlySpan<ushort> indices = _indices.AsSpan(start..end);
        ReadOnlySpan<byte> values = _values.AsSpan(start..end);
        for (int k = 0; k < indices.Length; k++)
            pixels[indices[k]] = values[k];
    }

    /// <summary>Appends the content to a digest: count, height and width as little-endian int32, every pixel, every label.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        Span<byte> header = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Height);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Width);
        hash.AppendData(header);

        // Several images a call: the hash is fast, the call is not.
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

        hash.AppendData(_labels);
    }

    /// <summary>SHA-256 of the content (see <see cref="AppendTo"/>) in lower-case hexadecimal.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
