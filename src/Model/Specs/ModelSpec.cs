using System.Globalization;

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

    /// <summary>Number of classes (logits).</summary>
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

    /// <summary>
    /// Builds the network of a short spec such as <c>784-256-10</c>: hidden ReLU layers with dropout, a linear last layer.
    /// <c>logistic</c> is <c>784-10</c>. Layers are named by their position: <c>layer0</c>, <c>layer1</c>, ...
    /// </summary>
    /// <param name="text">Widths from inputs to classes, separated by <c>-</c>.</param>
    /// <param name="keepProb">Keep probability of every hidden layer.</param>
    /// <param name="initializer">Initialiser of every weight matrix; null for He with ReLU and Xavier for the last layer.</param>
    /// <exception cref="FormatException">The text is not a list of at least two widths in range.</exception>
    public static ModelSpec Parse(string text, double keepProb = 1.0, Initializer? initializer = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = (text == "logistic" ? "784-10" : text).Split('-');
        var widths = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out widths[i])
                || !Ranges.Width.Contains(widths[i]))
                throw new FormatException($"'{text}' is not a model: '{parts[i]}' is not a width from 1 to {MaxWidth}. "
                    + "Give widths from inputs to classes, such as 784-256-10, or 'logistic'.");
        }

        if (widths.Length < 2)
            throw new FormatException($"'{text}' is not a model: it needs at least inputs and classes, such as 784-10.");
        if (widths.Length - 1 > MaxLayers)
            throw new FormatException($"'{text}' is not a model: it has {widths.Length - 1} layers; at most {MaxLayers} are supported.");
        if (!Ranges.Classes.Contains(widths[^1]))
            throw new FormatException(
                $"'{text}' is not a model: {widths[^1]} classes, expected {Ranges.Classes.Min} to {Ranges.Classes.Max}.");

        var layers = new LayerSpec[widths.Length - 1];
        long parameters = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            bool last = i == layers.Length - 1;
            parameters += (widths[i] + 1L) * widths[i + 1];
            layers[i] = new DenseSpec
            {
                Name = $"layer{i}",
                Inputs = widths[i],
                Units = widths[i + 1],
                Activation = last ? Activation.Linear : Activation.Relu,
                KeepProb = last ? 1.0 : keepProb,
                Weights = new ParameterSpec
                {
                    Name = $"layer{i}/weights",
                    Initializer = initializer ?? (last ? Initializer.Xavier : Initializer.He),
                }, Biases = new ParameterSpec { Name = $"layer{i}/biases", Initializer = Initializer.Zeros },
            };
        }

        if (parameters > MaxParameters)
            throw new FormatException($"'{text}' has {parameters:N0} parameters; at most {MaxParameters:N0} are supported.");
        return new ModelSpec { Layers = layers };
    }

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
    public override string ToString() => string.Join('-', Layers.Select(layer => layer.Summary).Prepend(InputShape.ToString()));
}
