namespace Lockstep.Model.Specs;

/// <summary>A parameter in its layer.</summary>
/// <param name="Spec">Its name, initialiser and training settings.</param>
/// <param name="Shape">Its dimensions; in memory the last dimension is padded.</param>
/// <param name="IsWeights">Whether the run's L2 applies to it.</param>
/// <param name="Inputs">Fan-in, for the initialisers.</param>
/// <param name="Outputs">Fan-out, for the initialisers.</param>
public sealed record LayerParameter(ParameterSpec Spec, TensorShape Shape, bool IsWeights, int Inputs, int Outputs);
