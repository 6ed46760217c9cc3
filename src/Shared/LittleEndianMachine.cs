namespace Lockstep.Shared;

/// <summary>
/// Wire and disk formats are little-endian, and values are copied as they lie in memory, so the machine must be little-endian. All common
/// .NET 10 platforms are.
/// </summary>
internal static class LittleEndianMachine
{
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public static void Require()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Lockstep needs a little-endian machine; this one is big-endian.");
    }
}
