namespace Lockstep.Cli.Benchmarks;

/// <summary>
/// The time of a step with a number of workers of one lane each, predicted from measurements on one core:
/// <c>step(w) = compute · ⌈S/w⌉/S + update + w · trip</c>. The worker with the most shards computes for the longest; the coordinator sends
/// weights to and receives a gradient from one worker after another. Overlap is ignored, so the prediction is
/// rather too long.
/// </summary>
/// <param name="Shards">S, of the run.</param>
/// <param name="ComputeSeconds">Gradient of a whole batch on one core.</param>
/// <param name="UpdateSeconds">The optimizer's pass over all parameters.</param>
/// <param name="TripSeconds">Weights to a worker and a gradient back.</param>
internal sealed record WorkerForecast(int Shards, double ComputeSeconds, double UpdateSeconds, double TripSeconds)
{
    /// <summary>More workers must make a step shorter by so much, or they are not worth while.</summary>
    private const double WorthWhile = 0.05;

    /// <summary>Seconds of a step.</summary>
    public double Step(int workers) => ComputeSeconds * ((Shards + workers - 1) / workers) / Shards + UpdateSeconds + workers * TripSeconds;

    /// <summary>The fewest workers with which a step is about as short as it gets.</summary>
    /// <param name="most">Workers that there could be.</param>
    public int Best(int most)
    {
        int[] counts = [.. Enumerable.Range(1, Math.Min(most, Shards))];
        double shortest = counts.Min(Step);
        return counts.First(count => Step(count) <= shortest * (1 + WorthWhile));
    }
}
