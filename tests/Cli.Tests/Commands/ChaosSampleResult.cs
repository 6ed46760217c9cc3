using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Tests;
using Lockstep.Chaos.Watching;
using Lockstep.Shared.Streaming;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>A run under two faults, the second of which it has not recovered from.</summary>
internal static class ChaosSampleResult
{
    public static readonly ChaosPlan Plan = new(2, 10,
        [new Fault(1, FaultKind.Pause) { Worker = 2, Seconds = 1.5 }, new Fault(3, FaultKind.Kill) { Coordinator = CoordinatorRole.Leader, Seconds = 0.5 }])
    { Seed = 7 };

    /// <summary>What was seen: 40 steps, the first fault at step 10 and the second at step 30.</summary>
    public static RunStory Story()
    {
        var clock = new ManualClock();
        var watch = new RunWatch(clock);
        watch.CoordinatorIs(1, up: true);
        watch.CoordinatorIs(2, up: true);
        watch.WorkerStarted(1);
        watch.WorkerStarted(2);
        for (int step = 0; step <= 40; step++)
        {
            clock.Pass(0.1);
            watch.FrameSent(1, 1 + step % 2, new FrameHeader { Kind = FrameKind.Weights, Term = 1, Step = step });
            watch.Sample([step / 10 * 10]);
            if (step is 10 or 40)
            {
                FaultRecord record = watch.Begin(step == 10 ? 1 : 2, Plan.Faults[step == 10 ? 0 : 1]);
                watch.Struck(record);
                watch.End(record);
            }
        }

        clock.Pass(1);
        return watch.Story;
    }

    public static ChaosResult Of(string outcome, Comparison? comparison, string? message = null) =>
        new(outcome, message, Plan, Story(), Origin: 0.1, comparison, BatchSize: 128, "no space left", CheckpointsRefused: 0);

    public static Comparison Compared(long? firstDifferentStep) => new(
        40, 40, 3, new string('a', 64), new string(firstDifferentStep is null ? 'a' : 'b', 64), firstDifferentStep,
        firstDifferentStep is null ? null : "other weights");
}
