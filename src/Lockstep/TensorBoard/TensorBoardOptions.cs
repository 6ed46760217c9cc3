using Lockstep.Networks;

namespace Lockstep.TensorBoard;

/// <summary>What the event files of a run hold besides its curves, histograms and settings.</summary>
public sealed record TensorBoardOptions
{
    /// <summary>
    /// Draws pictures of the model of a checkpoint. Called on the writer's thread, for one checkpoint at a time, while the training goes
    /// on; an exception stops the training and faults its task. The default draws none.
    /// </summary>
    public Func<TrainedModel, IEnumerable<TensorBoardPicture>> Pictures { get; init; } = _ => [];
}
