using System.Diagnostics;
using System.Numerics.Tensors;

namespace Lockstep.Bench;

/// <summary>How many bytes one core reads from memory in a second.</summary>
internal static class MemoryBandwidth
{
    /// <summary>More than any cache holds.</summary>
    private const int Floats = 64 << 20;

    public static double Measure(TimeSpan time)
    {
        float[] values = GC.AllocateUninitializedArray<float>(Floats);
        values.AsSpan().Fill(1f);
        float sum = 0;
        long bytes = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            sum += TensorPrimitives.Sum<float>(values);
            bytes += (long)Floats * sizeof(float);
        }

        return sum > 0 ? bytes / clock.Elapsed.TotalSeconds : throw new InvalidOperationException("A sum of ones is not above zero.");
    }
}
