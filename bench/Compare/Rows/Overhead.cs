namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Row h: what a step costs besides computing, as workers grow. The real parameter server, worker links and tensor streams, over loopback,
/// and workers in another process that answer at once. One shard a worker, so that shards and batch grow with them.
/// </summary>
internal static class Overhead
{
    private static readonly int[] Counts = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    public static async Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context)
    {
        var wall = new List<Series>();
        var own = new List<Series>();
        foreach (int count in Counts)
        {
            LoadedStep step = await LoadedCoordinator.MeasureAsync(
                context.Data, new SimulatedCluster { Workers = count, Shards = count, BatchSize = 64 * count });
            wall.Add(new Series($"{count} workers: a step", "us", [step.Wall]));
            own.Add(new Series($"{count} workers: processor time of the coordinator in a step", "us", [step.Own]));
        }

        double[] perWorker = [.. own.Select((series, i) => series.Median / Counts[i])];
        // Least squares of processor time over workers.
        double meanX = Counts.Average(), meanY = own.Average(series => series.Median);
        double slope = Counts.Zip(own, (count, series) => (count - meanX) * (series.Median - meanY))
            .Sum() / Counts.Sum(count => (count - meanX) * (count - meanX));
        return
        [
            new Finding
            {
                Row = "h",
                What = "processor time of the coordinator for a step and a worker, with 256 workers over with 8",
                Figure = new Series("ratio", "", [perWorker[^1] / perWorker[3]]),
                Goal = Goal.Most(1.1), // Flat, within what times waver by.
                Measured = [.. wall, .. own],
                Note = "784-256-10; the workers compute nothing and share the machine with the coordinator",
            },
            new Finding { Row = "h", What = "slope: processor time of the coordinator for each further worker "
                + "in a step", Figure = new Series("slope", "us", [slope]) },
            new Finding
            {
                Row = "h",
                What = "steps a second at which one coordinator on this machine is all busy, with 256 workers",
                Figure = new Series("limit", "steps/s", [Environment.ProcessorCount * 1e6 / own[^1].Median]),
            },
        ];
    }
}
