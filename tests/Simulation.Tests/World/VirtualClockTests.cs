namespace Lockstep.Simulation.Tests.World;

public class VirtualClockTests
{
    [Fact]
    public void Timestamps_WhateverTheTimeOfDayIsSetTo_FollowTheTimeline()
    {
        var timeline = new Timeline();
        var clock = new VirtualClock(timeline);
        long start = clock.GetTimestamp();
        timeline.After(new SimProcess("one"), 1_500 * Timeline.Millisecond, () => timeline.TimeOfDaySet = TimeSpan.FromDays(-400));

        timeline.Step();

        Assert.Equal(TimeSpan.FromSeconds(1.5), clock.GetElapsedTime(start));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1.5).AddDays(-400), clock.GetUtcNow());
    }

    [Fact]
    public void CreateTimer_InAProcess_FiresThereUntilItIsChangedOrDisposedOf()
    {
        var timeline = new Timeline();
        var process = new SimProcess("one");
        var clock = new VirtualClock(timeline, process);
        int once = 0, often = 0;
        clock.CreateTimer(_ => once++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        ITimer periodic = clock.CreateTimer(_ => often++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        timeline.After(process, 3_500 * Timeline.Millisecond, periodic.Dispose);

        while (timeline.Step())
        {
        }

        Assert.Equal((1, 3), (once, often));
    }
}
