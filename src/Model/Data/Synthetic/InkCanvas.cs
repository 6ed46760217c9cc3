using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Model.Data.Synthetic;

/// <summary>Draws lines of varying width with soft edges onto a small square image.</summary>
internal sealed class InkCanvas
{
    /// <summary>Pixels of one side.</summary>
    public const int Size = 28;

    // Each row has room for a whole vector that begins in its last pixel.
    private const int Stride = Size + 8;

    private static readonly Vector256<float> Lanes = Vector256.CreateSequence(0f, 1f);

    private readonly float[] _coverage = new float[Size * Stride];

    /// <summary>Covered share of each pixel of a row, 0 to 1.</summary>
    public ReadOnlySpan<float> Row(int y) => _coverage.AsSpan(y * Stride, Size);

    /// <summary>Removes all ink.</summary>
    public void Clear() => Array.Clear(_coverage);

    /// <summary>Draws a line between two points, with linearly changing width.</summary>
    /// <param name="from">Beginning, in pixels; the centre of the first pixel is (0, 0).</param>
    /// <param name="to">End.</param>
    /// <param name="softness">Width of the edge between full and no ink, in pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // Hot from its first call on: every start without files draws all digits.
    public void DrawLine(PenPoint from, PenPoint to, float softness)
    {
        float reach = Math.Max(from.Radius, to.Radius) + softness / 2;
        int left = Math.Max(0, (int)(Math.Min(from.X, to.X) - reach + 1)),
            right = Math.Min(Size - 1, (int)(Math.Max(from.X, to.X) + reach));
        int top = Math.Max(0, (int)(Math.Min(from.Y, to.Y) - reach + 1)),
            bottom = Math.Min(Size - 1, (int)(Math.Max(from.Y, to.Y) + reach));
        float dx = to.X - from.X, dy = to.Y - from.Y;
        float perLength = 1 / Math.Max(dx * dx + dy * dy, 1e-12f), perSoftness = 1 / softness, widening = to.Radius - from.Radius;
        for (int y = top; y <= bottom; y++)
        {
            float py = y - from.Y;
            Span<float> row = _coverage.AsSpan(y * Stride, Stride);
            for (int x = left; x <= right; x += Vector256<float>.Count)
            {
                // Eight pixels at once; those beyond the reach are not covered anyway. Multiply and add are separate, never fused.
                Vector256<float> px = Lanes + Vector256.Create(x - from.X);
                Vector256<float> t = Vector256.Min(
                    Vector256.Max((px * dx + Vector256.Create(py * dy)) * perLength, Vector256<float>.Zero), Vector256<float>.One);
                Vector256<float> ex = px - t * dx, ey = Vector256.Create(py) - t * dy;
                Vector256<float> radius = t * widening + Vector256.Create(from.Radius);
                Vector256<float> coverage = (radius - Vector256.Sqrt(ex * ex + ey * ey)) * perSoftness + Vector256.Create(0.5f);
                Span<float> pixels = row.Slice(x, Vector256<float>.Count);
                Vector256.Max(Vector256.Create<float>(pixels), Vector256.Min(coverage, Vector256<float>.One)).CopyTo(pixels);
            }
        }
    }
}
