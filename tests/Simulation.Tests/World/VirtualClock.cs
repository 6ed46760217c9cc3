namespace Lockstep.Simulation.Tests.World;

/// <summary>A timeline's time. Its timestamps are microseconds that nobody sets; its time of day is one that somebody may set.</summary>
internal sealed class VirtualClock(Timeline timeline) : TimeProvider
{
    /// <summary>By how much the time of day was set forward.</summary>
    public TimeSpan Offset { get; set; }

    /// <summary>Since the start of the simulation.</summary>
    public TimeSpan Elapsed => TimeSpan.FromMicroseconds(timeline.Now);

    public override long TimestampFrequency => Timeline.Second;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => timeline.Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Elapsed + Offset;

    /// <exception cref="NotSupportedException">
    /// Always: a timer would run on a thread of its own. Whoever surrounds a role tells it the time.
    /// </exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("A role starts no timers.");
}
