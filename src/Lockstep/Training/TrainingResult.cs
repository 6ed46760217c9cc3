using Lockstep.Coordinator.Runs;
using Lockstep.Networks;
using Lockstep.Runs;

namespace Lockstep.Training;

/// <summary>The result of a training.</summary>
public sealed record TrainingResult
{
    /// <summary>The trained model. After a stop the model so far, which <see cref="Trainer.Resume"/> can continue.</summary>
    public required TrainedModel Model { get; init; }

    /// <summary>
    /// With <see cref="RunOptions.KeepBest"/>: the model with the best validation result, of equal ones the first. Null without, or if it
    /// could not be saved.
    /// </summary>
    public TrainedModel? Best { get; init; }

    /// <summary>How it ended: outcome, accuracies, times.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>The evaluations of this training, in order; after a resume without those before it.</summary>
    public required IReadOnlyList<TrainingEpoch> Epochs { get; init; }

    /// <summary>Whether all steps are done, or <see cref="TrainerOptions.Stop"/> ended the run; false after a cancellation.</summary>
    public bool IsComplete => Summary.Result.Outcome == RunOutcome.Completed;

    /// <summary>From the first step to the last, without the evaluation of the last epoch.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Summary.Result.TrainSeconds);
}
