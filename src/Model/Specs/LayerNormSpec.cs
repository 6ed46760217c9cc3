namespace Lockstep.Model.Specs;

/// <summary>Layer normalisation (Ba, Kiros and Hinton, 2016) of vectors: a group is one example.</summary>
public sealed record LayerNormSpec : NormalizationSpec
{
    /// <summary>Length of a vector.</summary>
    public required int Inputs { get; init; }

    /// <inheritdoc/>
    public override LayerKind Kind => LayerKind.LayerNorm;

    /// <inheritdoc/>
    public override TensorShape InputShape => new(Inputs);

    /// <summary>Scale, then offset.</summary>
    public override IReadOnlyList<LayerParameter> Parameters => [Vector(Scale, Inputs), Vector(Offset, Inputs)];

    /// <inheritdoc/>
    public override string Summary => "ln";

    /// <inheritdoc/>
    public override LayerSpec WithParameters(Func<ParameterSpec, ParameterSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Scale = change(Scale), Offset = change(Offset) };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        foreach (string problem in base.Validate(isLast))
            yield return problem;
        if (!Ranges.Width.Contains(Inputs))
            yield return $"{Name} has {Inputs} inputs; expected {Ranges.Width.Words}.";
    }
}
