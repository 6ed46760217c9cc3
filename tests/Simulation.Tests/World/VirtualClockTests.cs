namespace Lockstep.Simulation.Tests.World;

public class VirtualClockTests
{
    [Fact]
    public void Timestamps_WhateverTheTimeOfDayIsSetTo_FollowTheTimeline()
    {
        var timeline = new Timeline();
        var clock = new VirtualClock(timeline);
        long start = clock.GetTimestamp();
        timeline.After(new SimProcess("one"), 1_500 * Timeline.Millisecond, () => clock.Offset = TimeSpan.FromDays(-400));

        timeline.Step();

        Assert.Equal(TimeSpan.FromSeconds(1.5), clock.GetElapsedTime(start));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1.5).AddDays(-400), clock.GetUtcNow());
        Assert.Throws<NotSupportedException>(() => clock.CreateTimer(_ => { }, null, TimeSpan.Zero, TimeSpan.Zero));
    }
}
