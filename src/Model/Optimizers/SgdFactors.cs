namespace Lockstep.Model.Optimizers;

/// <summary>The factors of <see cref="SgdStep"/>.</summary>
/// <param name="Scale">Factor of the gradient sum: 1 / examples of the batch, smaller where it is clipped.</param>
/// <param name="L2">Weight of the L2 penalty; 0 for biases.</param>
/// <param name="Momentum">Decay rate of the velocity.</param>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="IsNesterov">Whether the step looks ahead along the new velocity; only with momentum.</param>
internal readonly record struct SgdFactors(float Scale, float L2, float Momentum, float Rate, bool IsNesterov = false);
