namespace Lockstep.Model.Kernels;

/// <summary>
/// Logarithm and cosine in double precision from +, ·, / and bit operations. <see cref="Math.Log(double)"/> and <see cref="Math.Cos"/>
/// call the platform's library and may differ between machines; these do not. Argument reduction and polynomials are those of fdlibm (Sun
/// Microsystems, 1993; e_log.c, k_cos.c, k_sin.c).
/// </summary>
internal static class PortableMath
{
    /// <summary>Natural logarithm of a positive, normal number, within 1 ulp; NaN for everything else.</summary>
    public static double Log(double x)
    {
        if (!(x > 0.0) || !double.IsNormal(x))
            return double.NaN;

        // x = 2^k · (1 + f) with sqrt(1/2) < 1 + f < sqrt(2).
        long bits = BitConverter.DoubleToInt64Bits(x);
        int k = (int)(bits >> 52) - 1023;
        long mantissa = bits & 0xFFFFF_FFFFFFFFL;
        if (mantissa >= 0x6A09E_667F3BCDL)
            (k, mantissa) = (k + 1, mantissa | 0x3FE00000_00000000L);
        else
            mantissa |= 0x3FF00000_00000000L;
        double f = BitConverter.Int64BitsToDouble(mantissa) - 1.0;

        double s = f / (2.0 + f);
        double z = s * s;
        double w = z * z;
        double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
        double odd = z * (
            6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
        double halfSquare = 0.5 * f * f;
        return k * 6.93147180369123816490e-01 - (halfSquare - (s * (halfSquare + even + odd) + k * 1.90821492927058770002e-10) - f);
    }

    /// <summary>cos(π·x) for x in [0, 2]; absolute error below 1e-15.</summary>
    public static double CosPi(double x)
    {
        // Each line is exact in binary and reduces the argument to at most π/4.
        if (x > 1.0)
            x = 2.0 - x;
        if (x > 0.75)
            return -KernelCos((1.0 - x) * Math.PI);
        return x > 0.25 ? KernelSin((0.5 - x) * Math.PI) : KernelCos(x * Math.PI);
    }

    private static double KernelCos(double x)
    {
        double z = x * x;
        double r = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05
            + z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))));
        return 1.0 - (0.5 * z - z * r);
    }

    private static double KernelSin(double x)
    {
        double z = x * x;
        double r = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * (2.75573137070700676789e-06
            + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)));
        return x + z * x * (-1.66666666666666324348e-01 + z * r);
    }
}
