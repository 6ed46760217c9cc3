using System.Globalization;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row f: managed bytes for each step, in the real processes of <c>train --workers 2</c>. What a process allocates with time (heartbeats,
/// reports, the counter itself) and not with steps falls out of two runs, of a small model with many steps a second and a large one with
/// few: bytes a step is the difference of the bytes a second over the difference of the steps a second.
/// </summary>
internal static class Allocations
{
    private const string SmallModel = "784-16-10", LargeModel = "784-1024-10";
    private const int WarmUpSeconds = 4, Seconds = 7;

    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        if (!OperatingSystem.IsLinux())
            throw new RowSkippedException("the worker processes are found in /proc, which only Linux has.");
        PublishedBuild published = context.Published;
        Sample many = Measure(context, published, SmallModel), few = Measure(context, published, LargeModel);
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            Result(
                "coordinator", sample => sample.Coordinator,
                "smaller than the smallest object, 24 bytes, is none; what is allocated once an epoch counts with its share, what is "
                    + "allocated with time does not"),
            Result("worker", sample => sample.Worker, ""),
        ]);

        Finding Result(string who, Func<Sample, double> bytes, string note) => new()
        {
            Row = "f",
            What = $"managed bytes allocated for a step, {who}",
            Figure = new Series(who, "B", [(bytes(many) - bytes(few)) / (many.Steps - few.Steps)]),
            Goal = Goal.Most(23),
            Measured =
            [
                new Series($"{who}, {SmallModel}: allocated", "B/s", [bytes(many)]),
                new Series($"{who}, {SmallModel}", "steps/s", [many.Steps]),
                new Series($"{who}, {LargeModel}: allocated", "B/s", [bytes(few)]),
                new Series($"{who}, {LargeModel}", "steps/s", [few.Steps]),
            ],
            Note = note,
        };
    }

    private static Sample Measure(BenchContext context, PublishedBuild published, string model)
    {
        string folder = context.NewRunFolder();
        using LockstepRun run = published.Start(
        [
            "train", "--workers", "2", "--min-workers", "2", .. context.DataOptions, .. BenchContext.SpecOptions(128), "--model", model, "--learning-rate",
            "0.01", "--epochs", "10000",
            "--eval-every", "0", "--checkpoint-every", "0", "--out", folder, "--quiet",
        ]);
        string trace = Path.Combine(folder, "trace.txt");
        run.WaitFor<long>(() => Steps(trace) is > 100 and var steps ? steps : null, TimeSpan.FromMinutes(1), "Step 100");
        using var coordinator = new AllocationCounter(run.Process.Id);
        using var worker = new AllocationCounter(run.Workers[0]);
        run.WaitFor<int>(() => worker.Seconds.Count >= WarmUpSeconds ? 1 : null, TimeSpan.FromMinutes(1), "The warm-up");
        (long steps, TimeSpan time) = (Steps(trace), run.Clock.Elapsed);
        run.WaitFor<int>(() => worker.Seconds.Count >= WarmUpSeconds + Seconds ? 1 : null, TimeSpan.FromMinutes(1), "The measurement");
        double rate = (Steps(trace) - steps) / (run.Clock.Elapsed - time).TotalSeconds;
        return new Sample(rate, PerSecond(coordinator), PerSecond(worker));
    }

    /// <summary>Of the median second: a pool that grows once more, to its last size, is no allocation of a step.</summary>
    private static double PerSecond(AllocationCounter counter) => new Series("", "", [.. counter.Seconds.Skip(WarmUpSeconds)]).Median;

    /// <summary>The last step in the trace, which is written some times a second.</summary>
    private static long Steps(string trace)
    {
        if (!File.Exists(trace))
            return 0;
        using var file = new FileStream(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, 400), SeekOrigin.End);
        string[] lines = new StreamReader(file).ReadToEnd().Split('\n');
        return lines.Length > 2 && long.TryParse(lines[^2].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : 0;
    }

    /// <param name="Steps">Steps a second.</param>
    /// <param name="Coordinator">Bytes that the coordinator's process allocates in a second.</param>
    /// <param name="Worker">Bytes that a worker's process allocates in a second.</param>
    private sealed record Sample(double Steps, double Coordinator, double Worker);
}
