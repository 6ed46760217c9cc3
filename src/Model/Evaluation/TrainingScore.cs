using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Evaluation;

/// <summary>How well training batches were predicted, before their updates, dropout on.</summary>
/// <param name="Loss">Mean loss, without L2; NaN without examples.</param>
/// <param name="Accuracy">Share of correct predictions; NaN without examples, or with targets.</param>
/// <param name="R2">
/// <c>1 - loss</c>: R² against the variance of all training examples, which is 1 for each standardised target. Null for classes, and for
/// targets that were not prepared.
/// </param>
public readonly record struct TrainingScore(double Loss, double Accuracy, double? R2)
{
    /// <summary>The score of batches.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="statistics">Their statistics.</param>
    public static TrainingScore Of(RunSpec spec, NodeStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(spec);
        double loss = statistics.LossSum / statistics.Examples;
        return new TrainingScore(
            loss,
            spec.IsRegression ? double.NaN : (double)statistics.Correct / statistics.Examples,
            spec is { IsRegression: true, Data.Preparation: not null } ? 1 - loss : null);
    }
}
