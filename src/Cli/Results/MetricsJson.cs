using Lockstep.Coordinator.Runs;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>metrics</c>.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Metrics">The lines of its <c>metrics.jsonl</c>.</param>
internal sealed record MetricsJson(string Run, IReadOnlyList<MetricsRow> Metrics);
