namespace Lockstep.Bench.Compare;

/// <summary>A row of the comparison, which can be measured by itself.</summary>
/// <param name="Letter">How it is asked for.</param>
/// <param name="What">In words.</param>
/// <param name="MeasureAsync">Verifies, then measures, side by side in turn.</param>
internal sealed record Row(string Letter, string What, Func<BenchContext, Task<IReadOnlyList<Finding>>> MeasureAsync);
