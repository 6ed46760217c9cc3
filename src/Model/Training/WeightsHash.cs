using System.Runtime.InteropServices;

namespace Lockstep.Model.Training;

/// <summary>
/// A fast hash of weights that distinguishes steps: XXH3-128 (seed 0) over the float32 values as they lie in the flat vector,
/// little-endian, padding included. It detects accidents, not forgery; for that use <see cref="WeightsDigest"/>.
/// </summary>
public static class WeightsHash
{
    /// <summary>The hash of a flat vector or its trained part.</summary>
    public static Hash128 Of(ReadOnlySpan<float> values)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Weights are hashed as little-endian bytes; this machine is big-endian.");
        return Hash128.Of(MemoryMarshal.AsBytes(values));
    }
}
