using Lockstep.Model.Kernels;

namespace Lockstep.Model.Augmenting;

/// <summary>
/// Where the pixels of a changed image come from: the inverse of the affine map that flips, scales, rotates and shifts an image about its
/// centre c, in units of 1 / 65,536 pixel. With flips F, factor s, rotation R by the angle a and shift t:
/// <code>
/// source = c + F · R(-a) · (target - c - t) / s
/// </code>
/// Coefficients are computed in double precision by operations that round alike everywhere, and rounded once; from there on all is
/// integers. Whole shifts, flips and right angles are exact.
/// </summary>
/// <param name="X">Source column of the target (0, 0).</param>
/// <param name="XByX">Change of the source column from a target column to the next.</param>
/// <param name="XByY">Change of the source column from a target row to the next.</param>
/// <param name="Y">Source row of the target (0, 0).</param>
/// <param name="YByX">Change of the source row from a target column to the next.</param>
/// <param name="YByY">Change of the source row from a target row to the next.</param>
internal readonly record struct SourceMap(int X, int XByX, int XByY, int Y, int YByX, int YByY)
{
    /// <summary>One pixel.</summary>
    public const int One = 1 << 16;

    /// <summary>The map that changes nothing.</summary>
    public static SourceMap Identity { get; } = new(0, One, 0, 0, 0, One);

    /// <summary>The map of a draw.</summary>
    /// <param name="draw">The draw.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public static SourceMap Of(in AugmentationDraw draw, int height, int width)
    {
        double halfTurns = draw.Degrees / 180.0;
        double cos = PortableMath.CosPi(Math.Abs(halfTurns)) / draw.Factor;
        double sin = PortableMath.CosPi(Math.Abs(halfTurns - 0.5)) / draw.Factor;
        double flipX = draw.IsFlipped ? -1.0 : 1.0, flipY = draw.IsVerticallyFlipped ? -1.0 : 1.0;
        double xByX = flipX * cos, xByY = flipX * sin, yByX = -flipY * sin, yByY = flipY * cos;
        double centreX = (width - 1) / 2.0, centreY = (height - 1) / 2.0;
        double fromX = centreX + draw.ShiftX, fromY = centreY + draw.ShiftY;
        return new SourceMap(
            Fixed(centreX - xByX * fromX - xByY * fromY), Fixed(xByX), Fixed(xByY),
            Fixed(centreY - yByX * fromX - yByY * fromY), Fixed(yByX), Fixed(yByY));
    }

    private static int Fixed(double value) => (int)Math.Round(value * One);
}
