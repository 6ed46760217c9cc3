using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Random;

namespace Lockstep.Model.Augmenting;

/// <summary>
/// A smooth random displacement of each pixel, as in Simard et al., "Best practices for convolutional neural networks applied to visual
/// document analysis" (ICDAR 2003): there random displacements are convolved with a Gaussian. Here they stand only at knots that are h
/// apart, a quarter of the longer side, and are convolved with the uniform cubic B-spline, which is nearly a Gaussian with a standard
/// deviation of h / √3 (for 28 x 28 pixels 4.04; Simard's σ is 4):
/// <code>
/// d(x, y) = Σ[i, j in 0..3] w[i](x) · w[j](y) · knot(x / h + i, y / h + j)
/// w[0] = (1 - t)³ / 6, w[1] = (3t³ - 6t² + 4) / 6, w[2] = (-3t³ + 3t² + 3t + 1) / 6, w[3] = t³ / 6, t = x / h - ⌊x / h⌋
/// </code>
/// (Rueckert et al., "Nonrigid registration using free-form deformations", 1999). Knots are uniform in ± the strength, and weights sum to
/// one, so no pixel moves further. All is integers in units of 1 / 4,096; a sum is the same in any order and at any vector width.
/// </summary>
internal sealed class ElasticField
{
    private const int Bits = 12, Unit = 1 << Bits, Half = Unit / 2;
    private const int Cells = 4;

    private readonly int _strength;
    private readonly int _knotRows, _knotColumns, _spacing;
    private readonly int _stride;
    private readonly int[] _columnWeights;
    private readonly int[] _rowWeights;
    private readonly int[] _knots;
    private readonly int[] _lines;

    /// <summary>A field.</summary>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="stride">Columns with padding, a multiple of 16.</param>
    /// <param name="strength">Largest displacement along each axis, in pixels.</param>
    public ElasticField(int height, int width, int stride, double strength)
    {
        _strength = (int)Math.Round(strength * Unit);
        _spacing = (Math.Max(height, width) + Cells - 1) / Cells;
        _knotRows = (height - 1) / _spacing + 4;
        _knotColumns = (width - 1) / _spacing + 4;
        _stride = stride;
        _knots = new int[2 * _knotRows * _knotColumns];
        _lines = new int[2 * _knotRows * stride];
        _columnWeights = new int[_knotColumns * stride];
        _rowWeights = new int[4 * height];
        Span<int> four = stackalloc int[4];
        for (int x = 0; x < width; x++)
        {
            Weights(x, four);
            for (int i = 0; i < 4; i++)
                _columnWeights[(x / _spacing + i) * stride + x] = four[i];
        }

        for (int y = 0; y < height; y++)
            Weights(y, _rowWeights.AsSpan(4 * y, 4));
    }

    /// <summary>Draws the field of an image. Knot k uses the words 2(k mod 2) and 2(k mod 2) + 1 of block k / 2.</summary>
    public void Draw(ulong seed, int epoch, int example)
    {
        for (int k = 0; k < _knots.Length; k += 4)
        {
            Vector128<uint> words = Philox4x32.Block((uint)k / 4, (uint)example, (uint)epoch, AugmentationDraw.ElasticTag, seed);
            for (int i = 0; i < 4 && k + i < _knots.Length; i++)
                _knots[k + i] = (int)((long)(int)words[i] * _strength >> 31);
        }

        for (int row = 0; row < _knotRows; row++)
        {
            ReadOnlySpan<int> knots = _knots.AsSpan(2 * row * _knotColumns, 2 * _knotColumns);
            for (int axis = 0; axis < 2; axis++)
                Line(knots[axis..], Vectors(_lines.AsSpan((2 * row + axis) * _stride, _stride)));
        }
    }

    /// <summary>The displacements of a row of pixels, in units of 1 / 65,536 pixel.</summary>
    /// <param name="y">The row.</param>
    /// <param name="dx">[stride] along the row.</param>
    /// <param name="dy">[stride] along the column.</param>
    public void Row(int y, Span<int> dx, Span<int> dy)
    {
        ReadOnlySpan<int> weights = _rowWeights.AsSpan(4 * y, 4);
        for (int axis = 0; axis < 2; axis++)
        {
            int first = (2 * (y / _spacing) + axis) * _stride, next = 2 * _stride;
            Span<Vector<int>> to = Vectors(axis == 0 ? dx : dy);
            ReadOnlySpan<Vector<int>> a = Vectors(_lines.AsSpan(first, _stride)), b = Vectors(_lines.AsSpan(first + next, _stride)),
                c = Vectors(_lines.AsSpan(first + 2 * next, _stride)), d = Vectors(_lines.AsSpan(first + 3 * next, _stride));
            for (int i = 0; i < to.Length; i++)
            {
                Vector<int> sum = a[i] * weights[0] + b[i] * weights[1] + c[i] * weights[2] + d[i] * weights[3];
                to[i] = Rounded(sum) << (16 - Bits);
            }
        }
    }

    // One axis of a row of knots, interpolated along it.
    private void Line(ReadOnlySpan<int> knots, Span<Vector<int>> to)
    {
        to.Clear();
        for (int column = 0; column < _knotColumns; column++)
        {
            ReadOnlySpan<Vector<int>> weights = Vectors(_columnWeights.AsSpan(column * _stride, _stride));
            for (int i = 0; i < to.Length; i++)
                to[i] += weights[i] * knots[2 * column];
        }

        for (int i = 0; i < to.Length; i++)
            to[i] = Rounded(to[i]);
    }

    private void Weights(int position, Span<int> four)
    {
        double t = (double)(position % _spacing) / _spacing, s = 1.0 - t;
        four[0] = (int)Math.Round(s * s * s / 6.0 * Unit);
        four[2] = (int)Math.Round((3.0 * s * s * s - 6.0 * s * s + 4.0) / 6.0 * Unit);
        four[3] = (int)Math.Round(t * t * t / 6.0 * Unit);
        four[1] = Unit - four[0] - four[2] - four[3];
    }

    private static Vector<int> Rounded(Vector<int> sum) => (sum + new Vector<int>(Half)) >> Bits;

    private static Span<Vector<int>> Vectors(Span<int> row) => MemoryMarshal.Cast<int, Vector<int>>(row);
}
