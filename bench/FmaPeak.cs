using System.Diagnostics;
using Lockstep.Model.Kernels;

namespace Lockstep.Bench;

/// <summary>
/// How many floating-point operations one core does in a second, when nothing but fused multiply-adds in registers is asked of it.
/// </summary>
internal static class FmaPeak
{
    /// <summary>Operations per second of float32: two for each lane of each fused multiply-add.</summary>
    public static double Measure(TimeSpan time)
    {
        const int iterations = 1 << 16;
        MultiplyAddPeak.Run(1000);
        long operations = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            MultiplyAddPeak.Run(iterations);
            operations += MultiplyAddPeak.Operations(iterations);
        }

        return operations / clock.Elapsed.TotalSeconds;
    }
}
