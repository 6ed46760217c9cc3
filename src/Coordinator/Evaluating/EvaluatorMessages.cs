using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Evaluation;
using Lockstep.Shared.Cluster;

// Messages between evaluator, parameter server and coordination. All stay in the process.
namespace Lockstep.Coordinator.Evaluating;

/// <summary>
/// Parameter server -> evaluator: evaluate these weights (held for the receiver) and complete the row. The coordinator gets
/// <see cref="MetricsReady"/>, the sender <see cref="EvaluationDone"/>.
/// </summary>
internal sealed record EvaluateMetrics(WeightsVersion Weights, MetricsRow Partial, IMailbox ReplyTo);

/// <summary>Evaluator -> parameter server: the result of one row, whose weights it has released.</summary>
internal sealed record EvaluationDone(long Step, EvaluationResult Result);

/// <summary>Evaluator -> coordinator: a complete row of metrics.</summary>
internal sealed record MetricsReady(MetricsRow Metrics);

/// <summary>Coordinator -> evaluator: evaluate the final weights. Answered by <see cref="FinalEvaluationReady"/>.</summary>
internal sealed record EvaluateFinal(WeightsVersion Weights);

/// <summary>
/// Evaluator -> coordinator: results of the final weights, and a warning if the model is no better than chance; null otherwise.
/// </summary>
internal sealed record FinalEvaluationReady(EvaluationResult Validation, EvaluationResult Test, string? Warning = null);
