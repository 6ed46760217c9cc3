namespace Lockstep.Training;

/// <summary>One optimizer step.</summary>
/// <param name="Step">Completed steps, this one included.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Examples">Examples of the batch; the last batch of an epoch may be short.</param>
/// <param name="Loss">Mean loss over the batch before the update, dropout on, without L2.</param>
/// <param name="Accuracy">Share of right answers on the batch before the update, dropout on, 0 to 1; NaN with targets.</param>
/// <param name="LearningRate">Rate of this step.</param>
public sealed record TrainingStep(long Step, long TotalSteps, int Examples, double Loss, double Accuracy, double LearningRate);
