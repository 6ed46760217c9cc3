using Lockstep.Model.Specs;

namespace Lockstep.Model.Evaluation;

/// <summary>Loss and accuracy of a model on a set of images.</summary>
/// <param name="LossSum">Sum of the cross-entropy over the images in their order, without L2.</param>
/// <param name="Correct">Images whose largest logit is that of their label.</param>
/// <param name="Examples">Number of images.</param>
public readonly record struct EvaluationResult(double LossSum, int Correct, int Examples)
{
    /// <summary>Mean cross-entropy; NaN without images.</summary>
    public double Loss => LossSum / Examples;

    /// <summary>Share of correct predictions, 0 to 1; NaN without images.</summary>
    public double Accuracy => (double)Correct / Examples;

    /// <summary>The value of a metric.</summary>
    public double Of(ValidationMetric metric) => metric == ValidationMetric.Loss ? Loss : Accuracy;
}
