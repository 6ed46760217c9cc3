using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>Measures the peak of fused multiply-adds of one core: a loop of them in registers.</summary>
public static class MultiplyAddPeak
{
    /// <summary>Independent sums: enough to hide the latency of four cycles on two units.</summary>
    private const int Sums = 12;

    /// <summary>Float32 operations of one call of <see cref="Run(int)"/>: two for each lane of each fused multiply-add.</summary>
    public static long Operations(int iterations) => 2L * Sums * Lanes * iterations;

    private static int Lanes => KernelDispatch.Width switch
    {
        SimdWidth.Bits512 => Simd512.Width,
        SimdWidth.Bits256 => Simd256.Width,
        _ => Simd128.Width,
    };

    /// <summary>Runs the loop at the width of the kernels.</summary>
    public static void Run(int iterations)
    {
        switch (KernelDispatch.Width)
        {
            case SimdWidth.Bits512:
                Loop<Simd512, Vector512<float>>(iterations);
                break;
            case SimdWidth.Bits256:
                Loop<Simd256, Vector256<float>>(iterations);
                break;
            default:
                Loop<Simd128, Vector128<float>>(iterations);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop<TSimd, TVector>(int iterations)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector x = TSimd.Broadcast(0.999f), y = TSimd.Broadcast(0.001f);
        TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int n = 0; n < iterations; n++)
        {
            a = TSimd.FusedMultiplyAdd(a, x, y);
            b = TSimd.FusedMultiplyAdd(b, x, y);
            c = TSimd.FusedMultiplyAdd(c, x, y);
            d = TSimd.FusedMultiplyAdd(d, x, y);
            e = TSimd.FusedMultiplyAdd(e, x, y);
            f = TSimd.FusedMultiplyAdd(f, x, y);
            g = TSimd.FusedMultiplyAdd(g, x, y);
            h = TSimd.FusedMultiplyAdd(h, x, y);
            i = TSimd.FusedMultiplyAdd(i, x, y);
            j = TSimd.FusedMultiplyAdd(j, x, y);
            k = TSimd.FusedMultiplyAdd(k, x, y);
            l = TSimd.FusedMultiplyAdd(l, x, y);
        }

        // Uses the results, so that the compiler does not remove the loop.
        TVector sum = TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h)));
        sum = TSimd.Add(sum, TSimd.Add(TSimd.Add(i, j), TSimd.Add(k, l)));
        Span<float> lanes = stackalloc float[16];
        TSimd.Store(sum, ref MemoryMarshal.GetReference(lanes), 0);
        return lanes[0];
    }
}
