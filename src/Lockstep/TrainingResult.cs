namespace Lockstep;

/// <summary>The end of a training.</summary>
public sealed record TrainingResult
{
    /// <summary>What was trained. After a stop it is the model so far, which <see cref="Trainer.Resume"/> can go on with.</summary>
    public required TrainedModel Model { get; init; }

    /// <summary>Whether all steps are done; false after a cancellation.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>What the epochs gave, in order; of this training only, after a resume.</summary>
    public required IReadOnlyList<TrainingEpoch> Epochs { get; init; }

    /// <summary>From the first step to the last; evaluation of the last epoch not included on a cluster.</summary>
    public required TimeSpan Duration { get; init; }
}
