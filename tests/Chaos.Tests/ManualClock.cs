namespace Lockstep.Chaos.Tests;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class ManualClock : TimeProvider
{
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    /// <summary>Moves it.</summary>
    public void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);
}
