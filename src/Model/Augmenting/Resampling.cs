using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Augmenting;

/// <summary>
/// Bilinear interpolation of an image at mapped positions, in integers. With the position (x, y) rounded to 1 / 256 pixel, its whole part
/// (i, j) and its rest (u, v) in units of 1 / 256:
/// <code>
/// above = p[j, i] · (256 - u) + p[j, i + 1] · u, below = p[j + 1, i] · (256 - u) + p[j + 1, i + 1] · u,
/// result = (above · (256 - v) + below · v + 32,768) / 65,536, rounded down
/// </code>
/// Pixels outside the image are 0.
/// </summary>
internal sealed class Resampling
{
    // Source positions are clamped to one pixel outside the image, where all four neighbours count as 0 or have weight 0.
    private const int Border = 1, Far = 2;

    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _stride;
    private readonly byte[] _source;
    private readonly int[] _dx;
    private readonly int[] _dy;
    private readonly int[] _columns;
    private readonly int[] _places;
    private readonly int[] _rests;

    public Resampling(int height, int width, int channels)
    {
        (_height, _width, _channels) = (height, width, channels);
        _stride = (width + Border + Far) * channels;
        _source = new byte[(height + Border + Far) * _stride];
        int padded = RowPadding.Pad(width);
        _dx = new int[padded];
        _dy = new int[padded];
        _columns = [.. Enumerable.Range(0, padded)];
        _places = new int[padded];
        _rests = new int[padded];
    }

    /// <summary>Interpolates an image.</summary>
    /// <param name="pixels">[height, width, channels] intensities.</param>
    /// <param name="map">Where the pixels of the result come from.</param>
    /// <param name="elastic">What is added to that; null for nothing.</param>
    /// <param name="result">[height, width, channels] intensities; may be the same memory.</param>
    public void Run(ReadOnlySpan<byte> pixels, in SourceMap map, ElasticField? elastic, Span<byte> result)
    {
        int row = _width * _channels;
        for (int y = 0; y < _height; y++)
            pixels.Slice(y * row, row).CopyTo(_source.AsSpan((y + Border) * _stride + Border * _channels));
        for (int y = 0; y < _height; y++)
        {
            elastic?.Row(y, _dx, _dy);
            Locate(map, y);
            if (_channels == 1)
                InterpolateGrey(result.Slice(y * row, row));
            else
                Interpolate(result.Slice(y * row, row));
        }
    }

    // Places and rests of a row. Vectors hold independent pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Locate(in SourceMap map, int y)
    {
        var x0 = new Vector<int>(map.X + map.XByY * y + 128);
        var y0 = new Vector<int>(map.Y + map.YByY * y + 128);
        Vector<int> least = new(-256), mostX = new(_width << 8), mostY = new(_height << 8), rest = new(255), border = new(Border);
        ReadOnlySpan<Vector<int>> columns = Vectors(_columns), dx = Vectors(_dx), dy = Vectors(_dy);
        Span<Vector<int>> places = Vectors(_places), rests = Vectors(_rests);
        for (int i = 0; i < columns.Length; i++)
        {
            Vector<int> sx = (x0 + columns[i] * map.XByX + dx[i]) >> 8, sy = (y0 + columns[i] * map.YByX + dy[i]) >> 8;
            sx = Vector.Min(Vector.Max(sx, least), mostX);
            sy = Vector.Min(Vector.Max(sy, least), mostY);
            places[i] = ((sy >> 8) + border) * _stride + ((sx >> 8) + border) * _channels;
            rests[i] = (sx & rest) | (sy & rest) << 16;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void InterpolateGrey(Span<byte> row)
    {
        ref byte source = ref MemoryMarshal.GetArrayDataReference(_source);
        ReadOnlySpan<int> places = _places, rests = _rests;
        for (int x = 0; x < row.Length; x++)
        {
            ref byte place = ref Unsafe.Add(ref source, places[x]);
            int above = Unsafe.ReadUnaligned<ushort>(ref place);
            int below = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref place, _stride));
            row[x] = (above | below) == 0 ? (byte)0 : Mix(above & 0xFF, above >> 8, below & 0xFF, below >> 8, rests[x]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Interpolate(Span<byte> row)
    {
        ref byte source = ref MemoryMarshal.GetArrayDataReference(_source);
        int channels = _channels;
        for (int x = 0; x < _width; x++)
        {
            ref byte place = ref Unsafe.Add(ref source, _places[x]);
            for (int c = 0; c < channels; c++)
            {
                ref byte above = ref Unsafe.Add(ref place, c);
                ref byte below = ref Unsafe.Add(ref above, _stride);
                row[x * channels + c] = Mix(above, Unsafe.Add(ref above, channels), below, Unsafe.Add(ref below, channels), _rests[x]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Mix(int left, int right, int leftBelow, int rightBelow, int rests)
    {
        int u = rests & 0xFFFF, v = rests >> 16;
        int above = (left << 8) + (right - left) * u, below = (leftBelow << 8) + (rightBelow - leftBelow) * u;
        return (byte)(((above << 8) + (below - above) * v + (1 << 15)) >> 16);
    }

    private static Span<Vector<int>> Vectors(Span<int> row) => MemoryMarshal.Cast<int, Vector<int>>(row);
}
