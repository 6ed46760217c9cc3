using System.Globalization;

namespace Lockstep.Sweeps;

/// <summary>Numbers to draw from.</summary>
/// <param name="From">The least.</param>
/// <param name="To">The largest.</param>
/// <param name="IsLogarithmic">Whether equal factors are equally likely instead of equal differences; then both ends are above 0.</param>
/// <param name="IsWhole">Whether only whole numbers are drawn, each end included.</param>
public sealed record SweepRange(double From, double To, bool IsLogarithmic, bool IsWhole)
{
    /// <summary>The number for a share of the range, as a text. Numbers that are not whole have four significant digits.</summary>
    /// <param name="share">From 0 to below 1.</param>
    internal string TextAt(double share)
    {
        double end = IsWhole ? To + 1 : To;
        double value = IsLogarithmic ? GeometricScale.At(From, end, share) : From + share * (end - From);
        if (IsWhole)
            return Math.Clamp(Math.Floor(value), From, To).ToString("F0", CultureInfo.InvariantCulture);
        double rounded = double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(rounded, From, To).ToString("R", CultureInfo.InvariantCulture);
    }
}
