using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Shared.Cluster;

// The conversation of the evaluator with the parameter server and the coordination. None of these crosses a process.
namespace Lockstep.Coordinator.Evaluating;

/// <summary>
/// Parameter server -> evaluator: evaluate these weights (held for the receiver) and complete the line. Answered to the coordinator by
/// <see cref="MetricsReady"/>, and to the sender by <see cref="EvaluationDone"/>.
/// </summary>
internal sealed record EvaluateMetrics(WeightsVersion Weights, MetricsRow Partial, IMailbox ReplyTo);

/// <summary>Evaluator -> parameter server: it has let go of the weights of one line.</summary>
internal sealed record EvaluationDone
{
    public static readonly EvaluationDone Instance = new();
}

/// <summary>Evaluator -> coordinator: a line of metrics.</summary>
internal sealed record MetricsReady(MetricsRow Metrics);

/// <summary>Coordinator -> evaluator: evaluate the final weights. Answered by <see cref="FinalEvaluationReady"/>.</summary>
internal sealed record EvaluateFinal(WeightsVersion Weights);

/// <summary>Evaluator -> coordinator: accuracy of the final weights, and what to tell of a model that has learnt nothing; null otherwise.</summary>
internal sealed record FinalEvaluationReady(double ValidationAccuracy, double TestAccuracy, string? Warning = null);
