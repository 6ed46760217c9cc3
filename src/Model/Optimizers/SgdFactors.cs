namespace Lockstep.Model.Optimizers;

/// <summary>The factors of <see cref="SgdStep"/>.</summary>
/// <param name="Scale">1 / examples of the batch.</param>
/// <param name="L2">Weight of the L2 penalty; 0 for biases.</param>
/// <param name="Momentum">Decay rate of the velocity.</param>
/// <param name="Rate">Learning rate of this step.</param>
internal readonly record struct SgdFactors(float Scale, float L2, float Momentum, float Rate);
