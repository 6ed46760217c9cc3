namespace Lockstep.Cli.Results;

/// <summary>The result of <c>bench</c>. Times are in seconds.</summary>
/// <param name="Model">The network.</param>
/// <param name="Dataset">What it was trained on.</param>
/// <param name="BatchSize">Examples of a step.</param>
/// <param name="Shards">Shards of a batch.</param>
/// <param name="Processors">Processors of this machine.</param>
/// <param name="Vectors">Width of its vectors, such as <c>Bits256</c>.</param>
/// <param name="PeakFlops">Operations a second of fused multiply-adds on one core.</param>
/// <param name="GradientSeconds">For the gradient of a batch, on one core.</param>
/// <param name="UpdateSeconds">For the optimizer's pass, on one core.</param>
/// <param name="HashSeconds">For the hash of the weights.</param>
/// <param name="ExamplesPerSecond">Of one core that does all of a step.</param>
/// <param name="ShareOfRoofline">Of the peak, with every zero multiplied.</param>
/// <param name="SharedTripSeconds">For weights to a worker of this machine and a gradient back.</param>
/// <param name="RoundTripSeconds">The same in frames over loopback, as between machines.</param>
/// <param name="Forecast">Time of a step by the number of workers.</param>
/// <param name="WorkersHere">Workers that are worth while on this machine.</param>
/// <param name="WorkersElsewhere">Workers that are worth while, each with a machine like this one.</param>
internal sealed record BenchmarkJson(
    string Model,
    string Dataset,
    int BatchSize,
    int Shards,
    int Processors,
    string Vectors,
    double PeakFlops,
    double GradientSeconds,
    double UpdateSeconds,
    double HashSeconds,
    double ExamplesPerSecond,
    double ShareOfRoofline,
    double SharedTripSeconds,
    double RoundTripSeconds,
    IReadOnlyList<BenchmarkJson.StepForecast> Forecast,
    int WorkersHere,
    int WorkersElsewhere)
{
    /// <summary>The time of a step with so many workers.</summary>
    /// <param name="Workers">Workers of one lane each.</param>
    /// <param name="StepSecondsHere">All on this machine; null for more than it has processors.</param>
    /// <param name="StepSeconds">Each on a machine like this one.</param>
    internal sealed record StepForecast(int Workers, double? StepSecondsHere, double StepSeconds);
}
