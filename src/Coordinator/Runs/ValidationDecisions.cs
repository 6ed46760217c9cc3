using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Runs;

/// <summary>
/// Decides from the evaluations on the validation examples which checkpoint is the best so far, and whether the run ends. Only exact
/// results count, in the order of their steps, so all clusters decide the same.
/// </summary>
/// <param name="stop">The rule that ends the run early; null for none.</param>
/// <param name="state">What the rule remembers of the evaluations up to the first step.</param>
/// <param name="keepBest">The metric of the best checkpoint; null keeps none.</param>
/// <param name="best">The best one so far, from before this part of the run; null for none.</param>
internal sealed class ValidationDecisions(StopSpec? stop, StopState state, ValidationMetric? keepBest, BestResult? best)
{
    /// <summary>Whether the step after an evaluation has to wait for its result: its weights may be the last, or the best.</summary>
    public bool AreNeeded => stop is not null || keepBest is not null;

    /// <summary>What the rule remembers.</summary>
    public StopState State { get; private set; } = state;

    /// <summary>Why the run ends with the last evaluated step; null if it goes on.</summary>
    public string? StopReason => stop?.ReasonIn(State);

    /// <summary>The best result so far; null for none.</summary>
    public BestResult? Best { get; private set; } = keepBest == best?.Metric ? best : null;

    /// <summary>Takes the result of an evaluation into account.</summary>
    /// <param name="step">Completed steps.</param>
    /// <param name="result">The result of the weights after them.</param>
    /// <returns>Whether it is the best so far, so that its checkpoint is kept.</returns>
    public bool Record(long step, EvaluationResult result)
    {
        if (stop is not null)
            State = State.After(stop, step, result.Of(stop.Metric));
        if (keepBest is not { } metric || !StopSpec.IsBetter(metric, result.Of(metric), Best?.Value))
            return false;
        Best = new BestResult(metric, result.Of(metric), step);
        return true;
    }
}
