namespace Lockstep;

/// <summary>A training failed. The message is a paragraph for people: what happened and what to do.</summary>
public sealed class TrainingException : Exception
{
    internal TrainingException(string message, TrainedModel? model = null, Exception? inner = null)
        : base(message, inner) => Model = model;

    /// <summary>
    /// The model as it was saved last, which <see cref="Trainer.Resume"/> can go on with; null where nothing was. After a divergence the last one with
    /// finite weights and a finite loss, for <see cref="TrainerOptions.InitFrom"/> of another training: resumed, it would diverge again.
    /// </summary>
    public TrainedModel? Model { get; }
}
