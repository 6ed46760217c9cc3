namespace Lockstep.Model.Specs;

/// <summary>One fully connected layer: <c>dropout(activation(input · weights + biases))</c>.</summary>
public sealed record LayerSpec
{
    /// <summary>Name of the layer, for people; its parameters have names of their own.</summary>
    public required string Name { get; init; }

    /// <summary>Number of inputs of each unit.</summary>
    public required int Inputs { get; init; }

    /// <summary>Number of units, that is outputs.</summary>
    public required int Units { get; init; }

    /// <summary>Applied to the sums. The last layer is <see cref="Activation.Linear"/>.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Probability in (0, 1] that dropout keeps an output in training. 1 is no dropout; evaluation never drops.</summary>
    public double KeepProb { get; init; } = 1.0;

    /// <summary>The matrix [Inputs, Units].</summary>
    public required ParameterSpec Weights { get; init; }

    /// <summary>The vector [Units].</summary>
    public required ParameterSpec Biases { get; init; }
}
