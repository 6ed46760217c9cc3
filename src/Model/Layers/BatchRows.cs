using Lockstep.Model.Reduction;

namespace Lockstep.Model.Layers;

/// <summary>
/// The examples of a tree node: consecutive positions of a step's batch. Besides the run's seed, all that masks and augmentation depend on.
/// </summary>
/// <param name="Step">The step.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="FirstPosition">Position in the batch of the first example.</param>
/// <param name="Count">Number of examples.</param>
internal readonly record struct BatchRows(long Step, int Epoch, int FirstPosition, int Count)
{
    /// <summary>Rows of a step's batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">Position in it of the first example.</param>
    /// <param name="count">Number of examples.</param>
    public static BatchRows Of(in BatchPosition batch, int first, int count) => new(batch.Step, batch.Epoch, first, count);
}
