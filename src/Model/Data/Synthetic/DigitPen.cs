using System.Numerics;

namespace Lockstep.Model.Data.Synthetic;

/// <summary>
/// Draws one digit as a hand would: picks a style, perturbs the points of its skeleton, bends, slants and rotates it, varies the pressure,
/// and places it as in MNIST (fitted into 20 x 20 pixels, centre of mass in the middle of 28 x 28). Uses only +, -, *, /, sqrt and
/// comparisons of float32, in a fixed order, so every machine draws the same digits. Not thread-safe; use one pen a thread.
/// </summary>
internal sealed class DigitPen
{
    private const int PointsPerSpan = 5;
    private const int PressureKnots = 5;
    private const float FittedSize = 20;

    // Size of the box of the skeletons.
    private const float BoxWidth = 60, BoxHeight = 100;

    private readonly List<PenPoint> _points = new(256);
    private readonly List<Vector2> _curve = new(16);
    private readonly ElasticWarp _warp = new();
    private readonly InkCanvas _canvas = new();

    /// <summary>Draws a digit.</summary>
    /// <param name="digit">0 to 9.</param>
    /// <param name="random">The numbers of this image.</param>
    /// <param name="pixels">[28 · 28] intensities.</param>
    public void Write(int digit, ref ImageRandom random, Span<byte> pixels)
    {
        // Most hands are neat and few are careless; all perturbations grow with this.
        float care = random.Uniform();
        float carelessness = 0.7f + 1.0f * care * care * care;

        Trace(digit, ref random, carelessness);
        Bend(ref random, carelessness);
        Place(ref random);
        Press(ref random);
        Develop(ref random, pixels);
    }

    /// <summary>Points along the strokes of a style, in the box of the skeletons.</summary>
    private void Trace(int digit, ref ImageRandom random, float carelessness)
    {
        _points.Clear();
        IReadOnlyList<Stroke[]> styles = DigitSkeletons.Styles[digit];
        float stray = 2.2f * carelessness;
        foreach (Stroke stroke in styles[random.Below(styles.Count)])
        {
            bool starts = true;
            var corner = default(Vector2);
            foreach (Vector2[] points in stroke.Curves)
            {
                _curve.Clear();
                for (int k = 0; k < points.Length; k++)
                {
                    if (k == 0 && !starts)
                    {
                        _curve.Add(corner);
                        continue;
                    }

                    float x = points[k].X + stray * random.Bell(), y = points[k].Y + stray * random.Bell();
                    _curve.Add(new Vector2(x, y));
                }

                corner = _curve[^1];
                TraceCurve(starts);
                starts = false;
            }
        }
    }

    /// <summary>Samples a Catmull-Rom spline through the points of one curve as many short lines.</summary>
    private void TraceCurve(bool starts)
    {
        if (starts)
            _points.Add(new PenPoint(_curve[0].X, _curve[0].Y, 0, Starts: true));
        for (int k = 0; k + 1 < _curve.Count; k++)
        {
            Vector2 p1 = _curve[k], p2 = _curve[k + 1];
            Vector2 p0 = k > 0 ? _curve[k - 1] : p1, p3 = k + 2 < _curve.Count ? _curve[k + 2] : p2;
            for (int i = 1; i <= PointsPerSpan; i++)
            {
                float t = (float)i / PointsPerSpan;
                _points.Add(new PenPoint(Spline(p0.X, p1.X, p2.X, p3.X, t), Spline(p0.Y, p1.Y, p2.Y, p3.Y, t), 0, Starts: false));
            }
        }
    }

    private static float Spline(float p0, float p1, float p2, float p3, float t)
        => p1 + 0.5f * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));

    /// <summary>Elastic distortion, then slant, aspect ratio and rotation.</summary>
    private void Bend(ref ImageRandom random, float carelessness)
    {
        _warp.Draw(ref random, 11.5f * carelessness);
        float slant = 0.12f + 0.29f * random.Bell();
        float proportion = 1.14f + 0.27f * random.Bell();

        float taper = 0.0022f * random.Bell();

        // A rotation by 2·atan(h) without sine and cosine.
        float h = 0.14f * carelessness * random.Bell();
        float cos = (1 - h * h) / (1 + h * h), sin = 2 * h / (1 + h * h);
        for (int k = 0; k < _points.Count; k++)
        {
            PenPoint point = _points[k];
            Vector2 warp = _warp.Displacement(point.X / BoxWidth, point.Y / BoxHeight);
            float y = point.Y + warp.Y - BoxHeight / 2;
            float x = (point.X + warp.X - BoxWidth / 2) * proportion * (1 + taper * y) - slant * y;
            _points[k] = point with { X = x * cos - y * sin, Y = x * sin + y * cos };
        }
    }

    /// <summary>Fits the points into MNIST's box, in pixels.</summary>
    private void Place(ref ImageRandom random)
    {
        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        foreach (PenPoint point in _points)
        {
            left = Math.Min(left, point.X);
            right = Math.Max(right, point.X);
            top = Math.Min(top, point.Y);
            bottom = Math.Max(bottom, point.Y);
        }

        // Half of the line width extends beyond either side, about 2.4 pixels in all.
        float scale = (FittedSize - 2.4f - 0.8f * random.Uniform()) / Math.Max(right - left, bottom - top);
        for (int k = 0; k < _points.Count; k++)
            _points[k] = _points[k] with { X = _points[k].X * scale, Y = _points[k].Y * scale };
    }

    /// <summary>Line width along the strokes: the pen's width, times a varying pressure, thinner at the ends.</summary>
    private void Press(ref ImageRandom random)
    {
        float pen = 1.3f + 0.3f * random.Bell();
        Span<float> pressure = stackalloc float[PressureKnots];
        foreach (ref float knot in pressure)
            knot = 1 + 0.17f * random.Bell();
        for (int k = 0; k < _points.Count; k++)
        {
            float position = (float)k / _points.Count * (PressureKnots - 1);
            int knot = (int)position;
            float t = position - knot;
            float smooth = t * t * (3 - 2 * t);
            float radius = pen * (pressure[knot] + smooth * (pressure[knot + 1] - pressure[knot]));
            bool ends = _points[k].Starts || k + 1 == _points.Count || _points[k + 1].Starts;
            radius *= (ends ? 0.8f : 1f) + 0.06f * random.Bell();
            _points[k] = _points[k] with { Radius = Math.Max(radius, 0.45f) };
        }
    }

    /// <summary>Draws the points, centred by mass, and converts ink to intensities.</summary>
    private void Develop(ref ImageRandom random, Span<byte> pixels)
    {
        float mass = 0, massX = 0, massY = 0;
        for (int k = 1; k < _points.Count; k++)
        {
            PenPoint a = _points[k - 1], b = _points[k];
            if (b.Starts)
                continue;
            float dx = b.X - a.X, dy = b.Y - a.Y;
            float ink = MathF.Sqrt(dx * dx + dy * dy) * (a.Radius + b.Radius);
            mass += ink;
            massX += ink * (a.X + b.X) / 2;
            massY += ink * (a.Y + b.Y) / 2;
        }

        float middle = (InkCanvas.Size - 1) / 2f;
        float shiftX = middle - massX / mass + random.Uniform(-0.5f, 0.5f), shiftY = middle - massY / mass + random.Uniform(-0.5f, 0.5f);
        float softness = random.Uniform(1.1f, 1.7f);
        _canvas.Clear();
        for (int k = 1; k < _points.Count; k++)
        {
            PenPoint a = _points[k - 1], b = _points[k];
            if (!b.Starts)
                _canvas.DrawLine(a with { X = a.X + shiftX, Y = a.Y + shiftY }, b with { X = b.X + shiftX, Y = b.Y + shiftY }, softness);
        }

        // Full ink saturates, like the threshold of a scanner; very light grey is paper.
        float darkness = random.Uniform(1.0f, 1.25f);
        for (int y = 0; y < InkCanvas.Size; y++)
        {
            ReadOnlySpan<float> coverage = _canvas.Row(y);
            Span<byte> row = pixels.Slice(y * InkCanvas.Size, InkCanvas.Size);
            for (int x = 0; x < row.Length; x++)
                row[x] = coverage[x] > 0 ? Grey(255 * coverage[x] * darkness + random.Uniform(-16f, 16f)) : (byte)0;
        }
    }

    private static byte Grey(float intensity) => intensity < 6 ? (byte)0 : intensity >= 254 ? (byte)254 : (byte)intensity;
}
