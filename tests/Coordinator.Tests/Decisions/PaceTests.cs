using Lockstep.Coordinator.Decisions;

namespace Lockstep.Coordinator.Tests.Decisions;

public class PaceTests
{
    private static readonly WorkerId A = new(1), B = new(2), C = new(3);
    private readonly Pace _pace = new();
    private long _step;
    private TimeSpan _now;

    public PaceTests()
    {
        foreach (WorkerId worker in (WorkerId[])[A, B, C])
            _pace.Ask(new RosterWorker(worker, 1), 0, 2);
    }

    /// <summary>Steps in which each worker sends its two shards one by one, after times of its own.</summary>
    private void Train(int steps, params double[] milliseconds)
    {
        for (int i = 0; i < steps; i++)
        {
            for (int worker = 0; worker < milliseconds.Length; worker++)
            {
                _pace.Arrived(new WorkerId(worker + 1), _step, 1, TimeSpan.FromMilliseconds(milliseconds[worker] / 2), _now);
                _pace.Arrived(new WorkerId(worker + 1), _step, 1, TimeSpan.FromMilliseconds(milliseconds[worker]), _now);
            }

            _step++;
            _now += TimeSpan.FromMilliseconds(60);
        }
    }

    /// <summary>Some seconds of such steps: how often a pace was adopted.</summary>
    private int AdoptionsIn(int seconds, params double[] milliseconds)
    {
        int adoptions = 0;
        for (int i = 0; i < seconds; i++)
        {
            Train(16, milliseconds);
            adoptions += _pace.Adopt() ? 1 : 0;
        }

        return adoptions;
    }

    [Fact]
    public void Adopt_EqualWorkersWithNoise_ChangesNothing()
    {
        var random = new Random(1);
        for (int i = 0; i < 2_000; i++)
        {
            // Now and then one is late by ten times: that is an accident, not its pace.
            Train(1, [.. Enumerable.Range(0, 3).Select(_ => random.Next(20) == 0 ? 100 : 8 + 4 * random.NextDouble())]);
            Assert.False(_pace.Adopt());
        }
    }

    [Fact]
    public void Adopt_WorkerOfHalfTheSpeed_IsTwiceAsSlow_OnceAndUntilItRecovers()
    {
        Assert.Equal(1, AdoptionsIn(10, 20, 10, 10));
        Assert.Equal((2.0, 1.0, 1.0), (_pace.SlownessOf(A), _pace.SlownessOf(B), _pace.SlownessOf(C)));
        Assert.Equal(0, AdoptionsIn(10, 21, 10, 11));
        Assert.Equal(1, AdoptionsIn(10, 10, 10, 10));
        Assert.Equal(1, _pace.SlownessOf(A));
    }

    [Fact]
    public void Adopt_BusyMachine_NowOneIsSlowAndNowTheOther_ChangesNothing()
    {
        for (int i = 0; i < 20; i++)
            Assert.Equal(0, AdoptionsIn(1, 20, 10, 10) + AdoptionsIn(1, 8, 20, 9) + AdoptionsIn(1, 12, 10, 24));
    }

    [Fact]
    public void Adopt_WorkerPausedForOneStep_ChangesNothing()
    {
        for (int i = 0; i < 5; i++)
        {
            Train(1, 5_000, 10, 10);
            Assert.Equal(0, AdoptionsIn(1, 10, 10, 10));
        }
    }

    [Fact]
    public void Adopt_StepsInWhichMoreWasAsked_DoNotCount()
    {
        Train(16, 10, 10, 10);
        for (int i = 0; i < 100; i++)
        {
            _pace.Disturb(A, _step);
            Train(1, 50, 10, 10);
            Assert.False(_pace.Adopt());
        }
    }

    [Fact]
    public void Adopt_MoreLanesForMoreShards_AreTheSamePace()
    {
        _pace.Ask(new RosterWorker(A, 4), 0, 8);
        for (int i = 0; i < 100; i++)
        {
            _pace.Arrived(A, _step, 8, TimeSpan.FromMilliseconds(10), _now);
            Train(1, [0, 10, 10]);
            Assert.False(_pace.Adopt());
        }
    }
}
