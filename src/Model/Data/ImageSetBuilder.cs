using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Model.Data;

/// <summary>Compresses dense images one after another to an <see cref="ImageSet"/>; its memory grows with what was added.</summary>
internal sealed class ImageSetBuilder
{
    private readonly int _height;
    private readonly int _width;
    private int[] _rowStarts = new int[1];
    private ushort[] _indices = [];
    private byte[] _values = [];
    private byte[] _labels = [];
    private int _images;
    private int _entries;

    /// <exception cref="ArgumentException">The images would have no pixels, or more than <see cref="ImageSet.MaxPixels"/>.</exception>
    public ImageSetBuilder(int height, int width)
    {
        ImageSet.CheckSize(height, width);
        (_height, _width) = (height, width);
    }

    /// <summary>Pixels of one image.</summary>
    public int Pixels => _height * _width;

    /// <param name="pixels">[count, height · width] intensities, row-major.</param>
    /// <param name="labels">[count] classes.</param>
    public void AddImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels)
    {
        EnsureCapacity(_images + labels.Length, _entries + pixels.Length - pixels.Count((byte)0));
        for (int i = 0; i < labels.Length; i++)
        {
            Compress(pixels.Slice(i * Pixels, Pixels));
            _labels[_images++] = labels[i];
            _rowStarts[_images] = _entries;
        }
    }

    /// <summary>Adds all images of another builder behind those of this one.</summary>
    public void AddImages(ImageSetBuilder other)
    {
        EnsureCapacity(_images + other._images, _entries + other._entries);
        other._indices.AsSpan(0, other._entries).CopyTo(_indices.AsSpan(_entries));
        other._values.AsSpan(0, other._entries).CopyTo(_values.AsSpan(_entries));
        other._labels.AsSpan(0, other._images).CopyTo(_labels.AsSpan(_images));
        for (int i = 1; i <= other._images; i++)
            _rowStarts[_images + i] = _entries + other._rowStarts[i];
        (_images, _entries) = (_images + other._images, _entries + other._entries);
    }

    /// <summary>All images added. The builder is spent: the set takes over its arrays.</summary>
    public ImageSet ToImageSet()
    {
        Array.Resize(ref _rowStarts, _images + 1);
        Array.Resize(ref _labels, _images);
        Array.Resize(ref _indices, _entries);
        Array.Resize(ref _values, _entries);
        return ImageSet.FromCompressed(_height, _width, _rowStarts, _indices, _values, _labels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // Hot from its first call on: loading is a part of every start.
    private void Compress(ReadOnlySpan<byte> dense)
    {
        int p = 0;
        for (; p <= dense.Length - Vector256<byte>.Count; p += Vector256<byte>.Count)
        {
            uint nonZero = ~Vector256.Equals(Vector256.Create(dense.Slice(p, Vector256<byte>.Count)), Vector256<byte>.Zero).ExtractMostSignificantBits();
            for (; nonZero != 0; nonZero &= nonZero - 1)
                Add(p + BitOperations.TrailingZeroCount(nonZero), dense);
        }

        for (; p < dense.Length; p++)
        {
            if (dense[p] != 0)
                Add(p, dense);
        }
    }

    private void Add(int pixel, ReadOnlySpan<byte> dense) => (_indices[_entries], _values[_entries++]) = ((ushort)pixel, dense[pixel]);

    private void EnsureCapacity(int images, int entries)
    {
        if (images > _labels.Length)
        {
            int capacity = Grow(_labels.Length, images);
            Array.Resize(ref _labels, capacity);
            Array.Resize(ref _rowStarts, capacity + 1);
        }

        if (entries > _indices.Length)
        {
            int capacity = Grow(_indices.Length, entries);
            Array.Resize(ref _indices, capacity);
            Array.Resize(ref _values, capacity);
        }
    }

    // Room for what is needed comes first; doubling keeps the copying linear. int does not overflow: IdxFile reads at most 2^28 bytes.
    private static int Grow(int capacity, int needed) => capacity == 0 ? needed : Math.Max(needed, (int)Math.Min(2L * capacity, Array.MaxLength - 1));
}
