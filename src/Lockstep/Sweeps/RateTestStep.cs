namespace Lockstep.Sweeps;

/// <summary>A step of a <see cref="RateTest"/>.</summary>
/// <param name="Rate">Its learning rate.</param>
/// <param name="Loss">Mean loss of its batch, before the step.</param>
/// <param name="SmoothedLoss">Weighted mean of the losses up to here: see <see cref="RateTest"/>.</param>
public sealed record RateTestStep(double Rate, double Loss, double SmoothedLoss);
