using Lockstep.Coordinator.Runs;
using Lockstep.Networks;
using Lockstep.Runs;

namespace Lockstep.Training;

/// <summary>The end of a training.</summary>
public sealed record TrainingResult
{
    /// <summary>What was trained. After a stop it is the model so far, which <see cref="Trainer.Resume"/> can go on with.</summary>
    public required TrainedModel Model { get; init; }

    /// <summary>How it ended: outcome, accuracies, times.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>What the evaluations gave, in order; of this training only, after a resume.</summary>
    public required IReadOnlyList<TrainingEpoch> Epochs { get; init; }

    /// <summary>Whether all steps are done; false after a cancellation.</summary>
    public bool IsComplete => Summary.Result.Outcome == RunOutcome.Completed;

    /// <summary>From the first step to the last; evaluation of the last epoch not included.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Summary.Result.TrainSeconds);
}
