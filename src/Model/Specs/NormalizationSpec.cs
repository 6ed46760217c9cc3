namespace Lockstep.Model.Specs;

/// <summary>
/// What layers that normalise have in common: <c>dropout(activation((x - mean) / sqrt(variance + epsilon) · scale + offset))</c>, each
/// value with the mean and the variance of its group. The kinds differ in their groups.
/// </summary>
public abstract record NormalizationSpec : LayerSpec
{
    /// <summary>Added to the variance, so that values that are all equal become zero.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Applied to the normalised values.</summary>
    public Activation Activation { get; init; } = Activation.Linear;

    /// <summary>Probability in (0, 1] that dropout keeps a value in training; 1 for maps, which have no dropout.</summary>
    public double KeepProb { get; init; } = 1.0;

    /// <summary>The factors.</summary>
    public required ParameterSpec Scale { get; init; }

    /// <summary>What is added.</summary>
    public required ParameterSpec Offset { get; init; }

    /// <inheritdoc/>
    public override TensorShape OutputShape => InputShape;

    /// <summary>About eight operations a value: difference, square, sum, factor and offset.</summary>
    public override double Flops => 8.0 * InputShape.Count;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        if (isLast)
            yield return $"{Name} normalises; the last layer is dense and gives logits.";
        if (!Ranges.Epsilon.Contains(Epsilon))
            yield return $"{Name} has epsilon {Epsilon}; expected {Ranges.Epsilon.Words}.";
        if (!Enum.IsDefined(Activation))
            yield return $"{Name} has the activation {Activation}; expected {string.Join(", ", Enum.GetNames<Activation>())}.";
        if (!Ranges.KeepProb.Contains(KeepProb))
            yield return $"{Name} has keep probability {KeepProb}; expected {Ranges.KeepProb.Words}.";
    }

    private protected static LayerParameter Vector(ParameterSpec spec, int length) =>
        new(spec, new TensorShape(length), IsWeights: false, length, length);
}
