namespace Lockstep;

/// <summary>
/// Who is told how a training goes. Calls come one at a time and in order, before the task of the training completes: in this process on
/// the thread that trains, which goes on when they return; on a cluster on a thread of the coordinator, while the training goes on.
/// An exception from one of them stops the training and comes out of its task.
/// </summary>
public sealed record TrainingCallbacks
{
    /// <summary>After each optimizer step.</summary>
    public Action<TrainingStep>? OnStep { get; init; }

    /// <summary>
    /// After each epoch, and after the last step if that ends none, with the result on the validation images. A cluster evaluates beside
    /// the training: there it comes when some steps of the next epoch are done.
    /// </summary>
    public Action<TrainingEpoch>? OnEpoch { get; init; }

    /// <summary>
    /// A few times a second: enough for a display. Called directly; a <see cref="Progress{T}"/> hands over to the thread that made it.
    /// </summary>
    public IProgress<TrainingProgress>? Progress { get; init; }
}
