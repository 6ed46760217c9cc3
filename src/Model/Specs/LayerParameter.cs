namespace Lockstep.Model.Specs;

/// <summary>A parameter in its layer.</summary>
/// <param name="Spec">Its name, how it starts and how it is trained.</param>
/// <param name="Shape">Its dimensions; in memory each row, of the last dimension, is padded.</param>
/// <param name="IsWeights">Whether the run's L2 applies to it.</param>
/// <param name="Inputs">Values that each output of the layer is computed from, as the initialisers take it.</param>
/// <param name="Outputs">Values that each input of the layer is used for, as the initialisers take it.</param>
public sealed record LayerParameter(ParameterSpec Spec, TensorShape Shape, bool IsWeights, int Inputs, int Outputs);
