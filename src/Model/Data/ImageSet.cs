using System.Security.Cryptography;

namespace Lockstep.Model.Data;

/// <summary>
/// Labelled grey images in compressed rows: of each image only the pixels that are not zero, in the order of their index.
/// MNIST is 19% non-zero, so this is both the smallest form and the one the kernels read.
/// </summary>
public sealed class ImageSet
{
    private readonly int[] _rowStarts;
    private readonly ushort[] _indices;
    private readonly byte[] _values;
    private readonly byte[] _labels;

    /// <summary>Takes over arrays that are already in compressed form.</summary>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row; height · width is at most 65,536.</param>
    /// <param name="rowStarts">Count + 1 positions; image i has the entries from rowStarts[i] up to rowStarts[i + 1].</param>
    /// <param name="indices">Pixel indices (y · width + x), strictly ascending within an image.</param>
    /// <param name="values">Pixel intensities 1..255.</param>
    /// <param name="labels">Class of each image.</param>
    /// <exception cref="ArgumentException">The arrays do not describe images; the message says where.</exception>
    public ImageSet(int height, int width, int[] rowStarts, ushort[] indices, byte[] values, byte[] labels)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(labels);
        if (height < 1 || width < 1 || (long)height * width > ushort.MaxValue + 1)
            throw new ArgumentException($"Images of {height} x {width} pixels; expected 1 to {ushort.MaxValue + 1} pixels.");
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

    /// <summary>Compresses dense images.</summary>
    /// <param name="pixels">[count, height · width] intensities, row-major.</param>
    /// <param name="labels">[count] classes.</param>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row.</param>
    public static ImageSet FromDense(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels, int height, int width)
    {
        int size = height * width;
        if (pixels.Length != (long)labels.Length * size)
            throw new ArgumentException($"{pixels.Length} pixels for {labels.Length} images of {height} x {width}; expected {(long)labels.Length * size}.");
        int entries = pixels.Length - System.MemoryExtensions.Count(pixels, (byte)0);
        var rowStarts = new int[labels.Length + 1];
        var indices = new ushort[entries];
        var values = new byte[entries];
        int k = 0;
        for (int image = 0; image < labels.Length; image++)
        {
            ReadOnlySpan<byte> dense = pixels.Slice(image * size, size);
            for (int p = 0; p < dense.Length; p++)
            {
                if (dense[p] != 0)
                    (indices[k], values[k++]) = ((ushort)p, dense[p]);
            }

            rowStarts[image + 1] = k;
        }

        return new ImageSet(height, width, rowStarts, indices, values, labels.ToArray());
    }

    /// <summary>The images from <paramref name="first"/> on, <paramref name="count"/> of them, as a set of their own.</summary>
    public ImageSet Slice(int first, int count)
    {
        int start = _rowStarts[first], end = _rowStarts[first + count];
        var rowStarts = new int[count + 1];
        for (int i = 0; i <= count; i++)
            rowStarts[i] = _rowStarts[first + i] - start;
        return new ImageSet(Height, Width, rowStarts, _indices[start..end], _values[start..end], _labels[first..(first + count)]);
    }

    /// <summary>Writes one image's intensities, height · width of them.</summary>
    public void CopyPixels(int image, Span<byte> pixels)
    {
        pixels[..Pixels].Clear();
        for (int k = _rowStarts[image]; k < _rowStarts[image + 1]; k++)
            pixels[_indices[k]] = _values[k];
    }

    /// <summary>Appends the content to a digest: count, height and width as little-endian int32, every pixel, every label.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        Span<byte> header = stackalloc byte[12];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(header, Count);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(header[4..], Height);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(header[8..], Width);
        hash.AppendData(header);
        byte[] pixels = new byte[Pixels];
        for (int image = 0; image < Count; image++)
        {
            CopyPixels(image, pixels);
            hash.AppendData(pixels);
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
