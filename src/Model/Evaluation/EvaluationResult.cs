using Lockstep.Model.Specs;

namespace Lockstep.Model.Evaluation;

/// <summary>Loss and accuracy of a model on a set of examples; of a model of targets loss and R².</summary>
/// <param name="LossSum">Sum of the loss over the examples in their order, without L2.</param>
/// <param name="Correct">Examples whose largest logit is that of their label; 0 with targets.</param>
/// <param name="Examples">Number of examples.</param>
public readonly record struct EvaluationResult(double LossSum, int Correct, int Examples)
{
    /// <summary>Mean loss; NaN without examples.</summary>
    public double Loss => LossSum / Examples;

    /// <summary>Share of correct predictions, 0 to 1; NaN without examples, or with targets.</summary>
    public double Accuracy => Targets is null ? (double)Correct / Examples : double.NaN;

    /// <summary>Score of each target; null for classes.</summary>
    public IReadOnlyList<TargetScore>? Targets { get; init; }

    /// <summary>Name and score of each target in units of the user's data; empty for classes.</summary>
    /// <param name="data">What the model was trained on.</param>
    public IReadOnlyList<(string Name, TargetScore Score)> TargetsIn(DataSpec data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return [.. (Targets ?? []).Select((score, i) => (data.TargetOf(i).Name, score.In(data.TargetOf(i).Deviation)))];
    }

    /// <summary>R² of the targets, the mean over outputs; null for classes.</summary>
    public double? R2 => Targets?.Average(target => target.R2);

    /// <summary>The value of a metric.</summary>
    public double Of(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Loss => Loss,
        ValidationMetric.R2 => R2 ?? double.NaN,
        _ => Accuracy,
    };
}
