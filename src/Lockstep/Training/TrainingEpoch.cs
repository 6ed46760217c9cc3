namespace Lockstep.Training;

/// <summary>An epoch, or a part of one at the end of the run.</summary>
/// <param name="Epoch">Completed epochs; a fraction if the run ended in the middle of one.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="TrainLoss">Mean loss of the training batches of the epoch, dropout on, without L2.</param>
/// <param name="TrainAccuracy">Share of right answers in the same batches, 0 to 1; NaN with targets.</param>
/// <param name="ValidationLoss">Mean loss on the validation examples.</param>
/// <param name="ValidationAccuracy">Share of right answers on the validation examples, 0 to 1; NaN with targets.</param>
/// <param name="LearningRate">Rate of the last step.</param>
/// <param name="ExamplesPerSecond">Training examples a second over the epoch.</param>
/// <param name="Elapsed">Since the first step of this training.</param>
public sealed record TrainingEpoch(
    double Epoch, long Step, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy,
    double LearningRate, double ExamplesPerSecond, TimeSpan Elapsed)
{
    /// <summary>R² of the training batches against the variance of all training targets; null for classes.</summary>
    public double? TrainR2 { get; init; }

    /// <summary>R² on the validation examples, the mean over targets, at most 1; null for classes.</summary>
    public double? ValidationR2 { get; init; }
}
