namespace Lockstep.Simulation.Tests.World;

/// <summary>
/// A timeline's time, for one process. Its timestamps are microseconds that nobody sets; its time of day is one that somebody may set. Its
/// timers run in the process: not in a dead one, and late in one that is paused.
/// </summary>
internal sealed class VirtualClock(Timeline timeline, SimProcess? process = null) : TimeProvider
{
    private readonly SimProcess _process = process ?? new SimProcess("clock");

    /// <summary>Since the start of the simulation.</summary>
    public TimeSpan Elapsed => TimeSpan.FromMicroseconds(timeline.Now);

    public override long TimestampFrequency => Timeline.Second;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => timeline.Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Elapsed + timeline.TimeOfDaySet;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(timeline, _process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(Timeline timeline, SimProcess process, Action act) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int setting = ++_setting;
            if (dueTime >= TimeSpan.Zero)
                timeline.After(process, (long)dueTime.TotalMicroseconds, () => Fire(setting, period));
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int setting, TimeSpan period)
        {
            if (setting != _setting)
                return;
            if (period > TimeSpan.Zero)
                timeline.After(process, (long)period.TotalMicroseconds, () => Fire(setting, period));
            act();
        }
    }
}
