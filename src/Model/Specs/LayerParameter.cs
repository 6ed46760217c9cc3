namespace Lockstep.Model.Specs;

/// <summary>A parameter in its layer.</summary>
/// <param name="Spec">Its name, initialiser and training settings.</param>
/// <param name="Shape">Its dimensions; in memory the last dimension is padded.</param>
/// <param name="IsWeights">Whether the run's L2 applies to it.</param>
/// <param name="Inputs">Fan-in, for the initialisers.</param>
/// <param name="Outputs">Fan-out, for the initialisers.</param>
public sealed record LayerParameter(ParameterSpec Spec, TensorShape Shape, bool IsWeights, int Inputs, int Outputs)
{
    /// <summary>
    /// For a running average of statistics of the batches: the share of a new batch, in (0, 1]. Null for a parameter that the optimizer
    /// trains.
    /// </summary>
    public double? Momentum { get; init; }

    /// <summary>Whether it is a running average. It has no learning rate, no L2, and no part in the gradient's norm.</summary>
    public bool IsStatistic => Momentum is not null;
}
