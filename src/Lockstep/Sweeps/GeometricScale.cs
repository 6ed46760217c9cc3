namespace Lockstep.Sweeps;

/// <summary>Numbers between two others on a logarithmic scale.</summary>
public static class GeometricScale
{
    private const int Bits = 40;

    /// <summary>
    /// <c>from · (to / from)^share</c>, from square roots and products: unlike powers and logarithms, these are the same on every platform.
    /// </summary>
    /// <param name="from">Above 0.</param>
    /// <param name="to">Above 0.</param>
    /// <param name="share">0 gives <paramref name="from"/>, 1 gives <paramref name="to"/>; it counts to 40 binary places.</param>
    public static double At(double from, double to, double share)
    {
        if (share >= 1)
            return to;
        double value = from, root = to / from;
        for (int bit = 0; bit < Bits && share > 0; bit++)
        {
            root = Math.Sqrt(root);
            share *= 2;
            if (share >= 1)
            {
                value *= root;
                share -= 1;
            }
        }

        return value;
    }
}
