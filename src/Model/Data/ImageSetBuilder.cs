using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Model.Data;

/// <summary>Compresses dense images one after another into an <see cref="ImageSet"/>. Memory grows with the compressed size.</summary>
public sealed class ImageSetBuilder
{
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly List<int> _rowStarts = [0];
    private readonly List<uint[]> _entries = [];
    private readonly List<byte> _labels = [];
    private uint[] _block = [];

    /// <summary>A builder without images.</summary>
    /// <param name="height">Rows of pixels of one image.</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <exception cref="ArgumentException">The images would have no pixels, or more than <see cref="ImageSet.MaxPixels"/>.</exception>
    public ImageSetBuilder(int height, int width, int channels = 1)
    {
        ImageSet.CheckSize(height, width, channels);
        _height = height;
        _width = width;
        _channels = channels;
    }

    /// <summary>Intensities of one image.</summary>
    public int Pixels => _height * _width * _channels;

    /// <summary>Appends images.</summary>
    /// <param name="pixels">[count, height, width, channels] intensities, row-major.</param>
    /// <param name="labels">[count] classes.</param>
    public void AddImages(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> labels)
    {
        // One entry for two pixels, and one for the last of an odd number.
        int most = (Pixels + 1) / 2 * labels.Length;
        if (_block.Length < most)
            _block = new uint[most];
        int start = _rowStarts[^1], entries = 0;
        CheckRoom(most);
        for (int i = 0; i < labels.Length; i++)
        {
            entries += Compress(pixels.Slice(i * Pixels, Pixels), _block.AsSpan(entries));
            _rowStarts.Add(start + entries);
        }

        _labels.AddRange(labels);
        _entries.Add(_block[..entries]);
    }

    /// <summary>Appends all images of another builder.</summary>
    public void AddImages(ImageSetBuilder other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int start = _rowStarts[^1];
        CheckRoom(other._rowStarts[^1]);
        foreach (int end in CollectionsMarshal.AsSpan(other._rowStarts)[1..])
            _rowStarts.Add(start + end);
        _labels.AddRange(other._labels);
        _entries.AddRange(other._entries);
    }

    /// <summary>All images added so far.</summary>
    public ImageSet ToImageSet()
    {
        uint[] entries = GC.AllocateUninitializedArray<uint>(_rowStarts[^1]);
        Span<uint> rest = entries;
        foreach (uint[] block in _entries)
        {
            block.CopyTo(rest);
            rest = rest[block.Length..];
        }

        return ImageSet.FromCompressed(_height, _width, _channels, _rowStarts.ToArray(), entries, _labels.ToArray());
    }

    private void CheckRoom(int entries)
    {
        const int most = Examples.MaxArrayBytes / sizeof(uint);
        if ((long)_rowStarts[^1] + entries > most)
            throw new DatasetException(
                $"The images have more than {2L * most:N0} values that are not zero, the maximum of a data set. Use fewer or smaller "
                    + "images.");
    }

    /// <summary>Writes the entries of one image, and returns their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // Hot from its first call on: loading is a part of every start.
    internal static int Compress(ReadOnlySpan<byte> dense, Span<uint> entries)
    {
        const uint evenBits = 0x55555555;
        int count = 0, p = 0;
        for (; p <= dense.Length - Vector256<byte>.Count; p += Vector256<byte>.Count)
        {
            uint nonZero = ~Vector256.Equals(
                Vector256.Create(dense.Slice(p, Vector256<byte>.Count)), Vector256<byte>.Zero).ExtractMostSignificantBits();
            for (uint pairs = (nonZero | nonZero >> 1) & evenBits; pairs != 0; pairs &= pairs - 1)
            {
                int pixel = p + BitOperations.TrailingZeroCount(pairs);
                entries[count++] = (uint)pixel / 2 << 16 | BinaryPrimitives.ReadUInt16LittleEndian(dense[pixel..]);
            }
        }

        for (; p < dense.Length; p += 2)
        {
            uint pair = dense[p] | (p + 1 < dense.Length ? (uint)dense[p + 1] << 8 : 0);
            if (pair != 0)
                entries[count++] = (uint)p / 2 << 16 | pair;
        }

        return count;
    }
}
