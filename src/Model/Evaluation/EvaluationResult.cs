namespace Lockstep.Model.Evaluation;

/// <summary>How well a model does on a set of images.</summary>
/// <param name="LossSum">Sum of the cross-entropy over the images, added in their order; without L2.</param>
/// <param name="Correct">Images whose largest logit is that of their label.</param>
/// <param name="Examples">Number of images.</param>
public readonly record struct EvaluationResult(double LossSum, int Correct, int Examples)
{
    /// <summary>Mean cross-entropy; NaN of no images.</summary>
    public double Loss => LossSum / Examples;

    /// <summary>Share of the images that are told right, 0 to 1; NaN of no images.</summary>
    public double Accuracy => (double)Correct / Examples;
}
