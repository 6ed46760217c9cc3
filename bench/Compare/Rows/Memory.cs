namespace Lockstep.Bench.Compare.Rows;

/// <summary>Row i: the largest resident set of the processes of <c>train --workers 2</c>, as Linux counts it (<c>VmHWM</c>).</summary>
internal static class Memory
{
    public static Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        if (!OperatingSystem.IsLinux())
            throw new RowSkippedException("the peak resident set is read from /proc, which only Linux has.");
        PublishedBuild published = context.Published;
        var coordinator = new List<double>();
        var worker = new List<double>();
        for (int round = 0; round < context.Rounds; round++)
        {
            using LockstepRun run = published.Start(
                ["train", "--workers", "2", "--min-workers", "2", .. context.DataOptions, .. BenchContext.SpecOptions(256), "--epochs", "10", "--out", context.NewRunFolder(), "--quiet"]);
            double own = 0, workers = 0;
            run.WaitFor<int>(
                () =>
                {
                    own = Math.Max(own, ProcFile.PeakMegabytes(run.Process.Id) ?? 0);
                    workers = Math.Max(workers, run.Workers.Max(id => ProcFile.PeakMegabytes(id)) ?? 0);
                    return null;
                },
                TimeSpan.FromMinutes(5), "The end of the run");
            run.Wait();
            coordinator.Add(own);
            worker.Add(workers);
        }

        return Task.FromResult<IReadOnlyList<Finding>>(
        [
            new Finding { Row = "i", What = "peak resident set of the coordinator", Figure = new Series(
                "coordinator", "MB",
                coordinator), Goal = Goal.Most(250, 150), Note = "MB of a million bytes; data set and published program as in c" },
            new Finding { Row = "i", What = "peak resident set of the larger worker", Figure = new Series("worker", "MB", worker), Goal = Goal.Most(250, 150) },
        ]);
    }
}
