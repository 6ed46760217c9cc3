namespace Lockstep.Model.Specs;

/// <summary>One layer of a model: what every kind has. Each kind is a record of its own, such as <see cref="DenseSpec"/>, listed in <see cref="LayerKind.All"/>.</summary>
public abstract record LayerSpec
{
    /// <summary>Name of the layer, for people; its parameters have names of their own.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind.</summary>
    public abstract LayerKind Kind { get; }

    /// <summary>Shape of one example below the layer.</summary>
    public abstract TensorShape InputShape { get; }

    /// <summary>Shape of one example above the layer.</summary>
    public abstract TensorShape OutputShape { get; }

    /// <summary>Its parameters, in the order in which files and people list them; none for a layer that learns nothing.</summary>
    public virtual IReadOnlyList<LayerParameter> Parameters => [];

    /// <summary>Multiplications and additions of the forward pass of one example, as if no value were zero.</summary>
    public abstract double Flops { get; }

    /// <summary>Short form for people, such as <c>256</c> for a dense layer of 256 units.</summary>
    public abstract string Summary { get; }

    /// <summary>The same layer with its parameters changed one by one.</summary>
    public virtual LayerSpec WithParameters(Func<ParameterSpec, ParameterSpec> change) => this;

    /// <summary>
    /// What is wrong with the layer's own settings, a sentence each. <see cref="ModelSpec.Validate"/> checks parameters, names, and that neighbours fit.
    /// </summary>
    /// <param name="isLast">Whether it is the last layer, whose outputs are those of the model.</param>
    public abstract IEnumerable<string> Validate(bool isLast);
}
