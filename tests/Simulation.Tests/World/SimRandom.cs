namespace Lockstep.Simulation.Tests.World;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014): small, quick, and the same numbers for a seed on every version of the platform.
/// </summary>
internal sealed class SimRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 up to, not including, <paramref name="end"/>.</summary>
    public int Next(int end) => (int)(Next64() % (uint)end);

    /// <summary>From <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
    public int Next(int first, int end) => first + Next(end - first);

    /// <summary>True once in <paramref name="times"/> times.</summary>
    public bool OnceIn(int times) => Next(times) == 0;

    /// <summary>Another stream of numbers, so that one part's draws do not shift another's.</summary>
    public SimRandom Fork() => new(Next64());
}
