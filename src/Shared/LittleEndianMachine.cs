namespace Lockstep.Shared;

/// <summary>Wire and disk hold little-endian values, copied as they lie in memory. All machines that .NET 10 usually runs on are little-endian.</summary>
internal static class LittleEndianMachine
{
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public static void Require()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Lockstep needs a little-endian machine; this one is big-endian.");
    }
}
