namespace Lockstep.Model.Specs;

/// <summary>
/// One layer of a model: what all kinds have in common. Each kind is a record such as <see cref="DenseSpec"/>, listed in
/// <see cref="LayerKind.All"/>.
/// </summary>
public abstract record LayerSpec
{
    /// <summary>Name of the layer, for people. Its parameters have their own names.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind.</summary>
    public abstract LayerKind Kind { get; }

    /// <summary>Shape of one example below the layer.</summary>
    public abstract TensorShape InputShape { get; }

    /// <summary>Shape of one example above the layer.</summary>
    public abstract TensorShape OutputShape { get; }

    /// <summary>Its parameters, in the order of files and messages; empty for a layer without any.</summary>
    public virtual IReadOnlyList<LayerParameter> Parameters => [];

    /// <summary>Multiplications and additions of the forward pass of one example, zeros included.</summary>
    public abstract double Flops { get; }

    /// <summary>Short form for people, such as <c>256</c> for a dense layer of 256 units.</summary>
    public abstract string Summary { get; }

    /// <summary>The same layer with each parameter replaced.</summary>
    public virtual LayerSpec WithParameters(Func<ParameterSpec, ParameterSpec> change) => this;

    /// <summary>
    /// Problems of the layer's own settings, one sentence each. <see cref="ModelSpec.Validate"/> checks parameters, names, and that
    /// neighbours fit.
    /// </summary>
    /// <param name="isLast">Whether it is the last layer.</param>
    public abstract IEnumerable<string> Validate(bool isLast);
}
