namespace Lockstep.Training;

/// <summary>How far a training is.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="TrainLoss">Mean loss over the epoch so far, dropout on; 0 just after an epoch ended.</param>
/// <param name="TrainAccuracy">Share of right answers over the epoch so far, dropout on; 0 just after an epoch ended, NaN with
/// targets.</param>
/// <param name="ExamplesPerSecond">Recently.</param>
public sealed record TrainingProgress(long Step, long TotalSteps, double TrainLoss, double TrainAccuracy, double ExamplesPerSecond);
