namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row g: from the start of the published program to its first completed step. The first line of the metrics tells, which comes after the
/// validation images were evaluated too: a little late, never early.
/// </summary>
internal static class StartUp
{
    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        PublishedBuild published = context.Published;
        Start(context, published); // Fills the disk cache.
        var seconds = new List<double>();
        for (int round = 0; round < context.Rounds; round++)
            seconds.Add(Start(context, published));
        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding
            {
                Row = "g",
                What = "start of the published program to the first completed step, 2 workers",
                Figure = new Series("start", "s", seconds),
                Goal = Goal.Most(0.35, 0.2),
                Note = "until metrics.jsonl has the line of step 1: with reading MNIST, and with evaluating 5,000 images once",
            },
        ]);
    }

    private static double Start(BenchContext context, PublishedBuild published)
    {
        using LockstepRun run = published.Start(
            ["train", "--workers", "2", .. context.DataOptions, "--steps", "1", "--eval-every", "1", "--out", context.NewRunFolder(), "--quiet"]);
        double? seconds = run.WaitFor<double>(
            () => run.Metrics().Count > 0 ? run.Clock.Elapsed.TotalSeconds : null, TimeSpan.FromMinutes(2), "The first step");
        run.Wait();
        return seconds ?? throw new InvalidOperationException("lockstep ended without a step.");
    }
}
