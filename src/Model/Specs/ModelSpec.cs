namespace Lockstep.Model.Specs;

/// <summary>A feed-forward network. Inputs are pixels scaled to 0..1, or features; outputs are logits.</summary>
public sealed partial record ModelSpec
{
    /// <summary>Layers from the input up; at least one. Each takes the output of the previous one.</summary>
    public required IReadOnlyList<LayerSpec> Layers { get; init; }

    /// <summary>Probability in (0, 1] that dropout keeps an input value in training; 1 disables dropout. Evaluation never drops.</summary>
    public double InputKeepProb { get; init; } = 1.0;

    /// <summary>All parameters, layer by layer; for a dense layer the weights, then the biases.</summary>
    public IEnumerable<ParameterSpec> Parameters => Layers.SelectMany(layer => layer.Parameters).Select(parameter => parameter.Spec);

    /// <summary>Shape of one example.</summary>
    public TensorShape InputShape => Layers[0].InputShape;

    /// <summary>Values of one example.</summary>
    public int Inputs => (int)InputShape.Count;

    /// <summary>Outputs: one for each class (logits), or for each target.</summary>
    public int Classes => (int)Layers[^1].OutputShape.Count;

    /// <summary>Minimum classes of a model.</summary>
    public const int MinClasses = 2;

    /// <summary>Maximum classes of a model: labels are bytes.</summary>
    public const int MaxClasses = 256;

    /// <summary>Maximum width of a layer.</summary>
    public const int MaxWidth = 65_536;

    /// <summary>Maximum number of layers.</summary>
    public const int MaxLayers = 256;

    /// <summary>Maximum number of parameters of a model (1 GiB of float32).</summary>
    public const long MaxParameters = 1L << 28;

    /// <summary>The model of a text such as <c>784-256-10</c>, see <see cref="NetworkText"/>.</summary>
    /// <param name="text">The text; it says all sizes itself.</param>
    /// <param name="keepProb">Keep probability of every hidden dense layer.</param>
    /// <param name="initializer">Initialiser of all weights; null for He with ReLU and Xavier for the last layer.</param>
    /// <exception cref="FormatException">The text is none of a model.</exception>
    public static ModelSpec Parse(string text, double keepProb = 1.0, Initializer? initializer = null) =>
        NetworkText.Parse(text).ToModel(keepProb: keepProb, initializer: initializer);

    /// <summary>The same model with each parameter replaced.</summary>
    public ModelSpec WithParameters(Func<ParameterSpec, ParameterSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Layers = [.. Layers.Select(layer => layer.WithParameters(change))] };
    }

    /// <summary>
    /// Whether examples of a shape are valid input. A first layer that takes a vector takes the values of any shape in order.
    /// </summary>
    public bool Takes(TensorShape example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return InputShape.IsFlat ? InputShape.Count == example.Count : InputShape.Equals(example);
    }

    /// <summary>The inputs and every layer, such as <c>784-256-10</c>.</summary>
    public override string ToString() => NetworkText.Of(this);
}
