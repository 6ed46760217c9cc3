namespace Lockstep;

/// <summary>A training failed. The message is a paragraph for people: what happened and what to do.</summary>
public sealed class TrainingException : Exception
{
    internal TrainingException(string message, TrainedModel? model = null)
        : base(message) => Model = model;

    /// <summary>The model as it was saved last, which <see cref="Trainer.Resume"/> can go on with; null where nothing was.</summary>
    public TrainedModel? Model { get; }
}
