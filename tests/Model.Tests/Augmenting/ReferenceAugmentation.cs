using Lockstep.Model.Augmenting;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Augmenting;

/// <summary>The geometry of augmentation from its formulas, in double precision and pixel by pixel.</summary>
internal static class ReferenceAugmentation
{
    public static double[] Of(
        AugmentationSpec spec, byte[] image, int height, int width, int channels, ulong seed, int epoch, int example)
    {
        var draw = AugmentationDraw.Of(spec, seed, epoch, example);
        double angle = draw.Degrees / 180 * Math.PI, centreX = (width - 1) / 2.0, centreY = (height - 1) / 2.0;
        double[] result = new double[image.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int x = i / channels % width, y = i / channels / width;
            double fromX = x - centreX - draw.ShiftX, fromY = y - centreY - draw.ShiftY;
            double sourceX = (Math.Cos(angle) * fromX + Math.Sin(angle) * fromY) / draw.Factor;
            double sourceY = (-Math.Sin(angle) * fromX + Math.Cos(angle) * fromY) / draw.Factor;
            (double dx, double dy) = Displacement(spec.Elastic, height, width, seed, epoch, example, x, y);
            result[i] = Bilinear(
                image, height, width, channels, i % channels,
                centreX + (draw.IsFlipped ? -sourceX : sourceX) + dx, centreY + (draw.IsVerticallyFlipped ? -sourceY : sourceY) + dy);
        }

        return result;
    }

    private static (double X, double Y) Displacement(
        double strength, int height, int width, ulong seed, int epoch, int example, int x, int y)
    {
        if (strength == 0)
            return default;
        int spacing = (int)Math.Ceiling(Math.Max(height, width) / 4.0), columns = (width - 1) / spacing + 4;
        (double dx, double dy) = (0, 0);
        for (int j = 0; j < 4; j++)
        {
            for (int i = 0; i < 4; i++)
            {
                int knot = (y / spacing + j) * columns + x / spacing + i;
                var words = Philox4x32.Block((uint)knot / 2, (uint)example, (uint)epoch, AugmentationDraw.ElasticTag, seed);
                double weight = Spline(i, x % spacing / (double)spacing) * Spline(j, y % spacing / (double)spacing);
                dx += weight * strength * (int)words[knot % 2 * 2] / 2147483648.0;
                dy += weight * strength * (int)words[knot % 2 * 2 + 1] / 2147483648.0;
            }
        }

        return (dx, dy);
    }

    private static double Spline(int i, double t) => i switch
    {
        0 => Math.Pow(1 - t, 3) / 6,
        1 => (3 * Math.Pow(t, 3) - 6 * t * t + 4) / 6,
        2 => (-3 * Math.Pow(t, 3) + 3 * t * t + 3 * t + 1) / 6,
        _ => Math.Pow(t, 3) / 6,
    };

    private static double Bilinear(byte[] image, int height, int width, int channels, int channel, double x, double y)
    {
        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        double u = x - left, v = y - top;
        return (1 - v) * ((1 - u) * At(left, top) + u * At(left + 1, top)) + v * ((1 - u) * At(left, top + 1) + u * At(left + 1, top + 1));

        double At(int column, int row) =>
            column < 0 || column >= width || row < 0 || row >= height ? 0 : image[(row * width + column) * channels + channel];
    }
}
