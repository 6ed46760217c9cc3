using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>The factors of <see cref="AdamWStep"/>, each computed in double precision and rounded once.</summary>
/// <param name="Scale">Factor of the gradient sum: 1 / examples of the batch, smaller where it is clipped.</param>
/// <param name="L2">Weight of the L2 penalty; 0 for none.</param>
/// <param name="Beta1">Decay rate of m.</param>
/// <param name="Fresh1">1 − beta1.</param>
/// <param name="Beta2">Decay rate of v.</param>
/// <param name="Fresh2">1 − beta2.</param>
/// <param name="Root">1 / sqrt(1 − beta2^t).</param>
/// <param name="Epsilon">Added to the square root.</param>
/// <param name="Decay">Rate · weight decay; 0 for biases.</param>
/// <param name="StepSize">Rate / (1 − beta1^t).</param>
internal readonly record struct AdamWFactors(
    float Scale, float L2, float Beta1, float Fresh1, float Beta2, float Fresh2, float Root, float Epsilon, float Decay, float StepSize)
{
    /// <summary>The factors of a step.</summary>
    /// <param name="spec">The optimizer.</param>
    /// <param name="scale">Factor of the gradient sum.</param>
    /// <param name="step">Steps completed before this one.</param>
    /// <param name="l2">Weight of the L2 penalty.</param>
    /// <param name="rate">Learning rate of the step.</param>
    /// <param name="decays">Whether weight decay applies.</param>
    public static AdamWFactors Of(AdamWSpec spec, float scale, long step, double l2, double rate, bool decays) => new(
        scale, (float)l2, (float)spec.Beta1, (float)(1.0 - spec.Beta1), (float)spec.Beta2, (float)(1.0 - spec.Beta2),
        (float)(1.0 / Math.Sqrt(1.0 - LearningRates.Power(spec.Beta2, step + 1))), (float)spec.Epsilon,
        decays ? (float)(rate * spec.WeightDecay) : 0f, (float)(rate / (1.0 - LearningRates.Power(spec.Beta1, step + 1))));
}
