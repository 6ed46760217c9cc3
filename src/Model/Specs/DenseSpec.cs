using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>One fully connected layer: <c>dropout(activation(input · weights + biases))</c>.</summary>
public sealed record DenseSpec : LayerSpec
{
    /// <summary>Number of inputs of each unit.</summary>
    public required int Inputs { get; init; }

    /// <summary>Number of units (outputs).</summary>
    public required int Units { get; init; }

    /// <summary>Applied to the sums. The last layer is <see cref="Activation.Linear"/>.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Probability in (0, 1] that dropout keeps an output in training; 1 disables dropout. Evaluation never drops.</summary>
    public double KeepProb { get; init; } = 1.0;

    /// <summary>The matrix [Inputs, Units].</summary>
    public required ParameterSpec Weights { get; init; }

    /// <summary>The vector [Units].</summary>
    public required ParameterSpec Biases { get; init; }

    /// <inheritdoc/>
    public override LayerKind Kind => LayerKind.Dense;

    /// <inheritdoc/>
    public override TensorShape InputShape => new(Inputs);

    /// <inheritdoc/>
    public override TensorShape OutputShape => new(Units);

    /// <summary>The weights, then the biases.</summary>
    public override IReadOnlyList<LayerParameter> Parameters =>
    [
        new LayerParameter(Weights, new TensorShape(Inputs, Units), IsWeights: true, Inputs, Units),
        new LayerParameter(Biases, new TensorShape(Units), IsWeights: false, Inputs, Units),
    ];

    /// <inheritdoc/>
    public override double Flops => 2.0 * Inputs * Units;

    /// <inheritdoc/>
    public override string Summary => Units.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override LayerSpec WithParameters(Func<ParameterSpec, ParameterSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Weights = change(Weights), Biases = change(Biases) };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        NumberRange<int> units = isLast ? Ranges.Outputs : Ranges.Width;
        if (!Ranges.Width.Contains(Inputs))
            yield return $"{Name} has {Inputs} inputs; expected {Ranges.Width.Words}.";
        if (!units.Contains(Units))
            yield return $"{Name} has {Units} units; expected {units.Words}.";
        if (isLast && Activation != Activation.Linear)
            yield return $"{Name} has the activation {Activation}; expected Linear, as it is the last layer.";
        else if (!Enum.IsDefined(Activation))
            yield return $"{Name} has the activation {Activation}; expected {string.Join(", ", Enum.GetNames<Activation>())}.";
        if (isLast && KeepProb != 1.0)
            yield return $"{Name} has keep probability {KeepProb}; the last layer has no dropout, expected 1.";
        else if (!Ranges.KeepProb.Contains(KeepProb))
            yield return $"{Name} has keep probability {KeepProb}; expected {Ranges.KeepProb.Words}.";
    }
}
