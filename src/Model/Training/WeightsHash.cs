using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Lockstep.Model.Training;

/// <summary>
/// A quick hash of weights, to tell each step's from another's: XXH3-128 (seed 0) over the float32 values as they lie in the flat vector,
/// little-endian, padding included. It finds accidents, not forgeries; for those there is <see cref="WeightsDigest"/>.
/// </summary>
public static class WeightsHash
{
    /// <summary>Digits of <see cref="ToHexString"/>.</summary>
    public const int HexLength = 32;

    /// <summary>The hash of some floats: the flat vector, or its trained part.</summary>
    public static UInt128 Of(ReadOnlySpan<float> values)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Weights are hashed as little-endian bytes; this machine is big-endian.");
        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(values));
    }

    /// <summary>The canonical form: 32 hexadecimal digits in lower case, the highest first.</summary>
    public static string ToHexString(UInt128 hash) => hash.ToString("x32", CultureInfo.InvariantCulture);
}
