using System.Numerics;

namespace Lockstep.Model.Data.Synthetic;

/// <summary>
/// A smooth random displacement of the plane, as a uniform cubic B-spline over a coarse grid of random vectors
/// (Rueckert et al., "Nonrigid registration using free-form deformations", 1999).
/// </summary>
internal sealed class ElasticWarp
{
    private const int Cells = 2;
    private const int Knots = Cells + 3;

    private readonly Vector2[] _displacements = new Vector2[Knots * Knots];

    /// <summary>Draws a new displacement.</summary>
    /// <param name="random">Gives two numbers for each knot.</param>
    /// <param name="strength">Standard deviation of a knot, in units of the box.</param>
    public void Draw(ref ImageRandom random, float strength)
    {
        for (int k = 0; k < _displacements.Length; k++)
        {
            float x = strength * random.Bell(), y = strength * random.Bell();
            _displacements[k] = new Vector2(x, y);
        }
    }

    /// <summary>The displacement of a point.</summary>
    /// <param name="x">Horizontal position, 0 to 1 within the box; clamped to it for the displacement.</param>
    /// <param name="y">Vertical position, likewise.</param>
    public Vector2 Displacement(float x, float y)
    {
        Span<float> wx = stackalloc float[4], wy = stackalloc float[4];
        int column = Weights(x, wx), row = Weights(y, wy);
        float dx = 0, dy = 0;
        for (int j = 0; j < 4; j++)
        {
            for (int i = 0; i < 4; i++)
            {
                float weight = wx[i] * wy[j];
                Vector2 knot = _displacements[(row + j) * Knots + column + i];
                dx += weight * knot.X;
                dy += weight * knot.Y;
            }
        }

        return new Vector2(dx, dy);
    }

    /// <summary>The cell of a position, and the weights of its four knots.</summary>
    private static int Weights(float position, Span<float> weights)
    {
        float scaled = Math.Clamp(position, 0f, 1f) * Cells;
        int cell = Math.Min((int)scaled, Cells - 1);
        float t = scaled - cell, s = 1 - t;
        weights[0] = s * s * s / 6;
        weights[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
        weights[2] = (3 * s * s * s - 6 * s * s + 4) / 6;
        weights[3] = t * t * t / 6;
        return cell;
    }
}
