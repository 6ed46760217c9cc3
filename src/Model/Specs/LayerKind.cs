namespace Lockstep.Model.Specs;

/// <summary>A kind of layer: its name, its settings as codecs see them, and how a model file gives it. One instance a kind.</summary>
public abstract class LayerKind
{
    private static readonly string[] ParameterKeys = ["name", "initializer", "trainable", "l2", "learningRate"];

    /// <summary>Fully connected layers.</summary>
    public static LayerKind Dense { get; } = new DenseKind();

    /// <summary>Filters that move over maps.</summary>
    public static LayerKind Convolution { get; } = new ConvolutionKind();

    /// <summary>Poolings to the largest value.</summary>
    public static LayerKind MaximumPooling { get; } = new PoolingKind(isMaximum: true);

    /// <summary>Poolings to the average.</summary>
    public static LayerKind AveragePooling { get; } = new PoolingKind(isMaximum: false);

    /// <summary>Maps to vectors.</summary>
    public static LayerKind Flatten { get; } = new FlattenKind();

    /// <summary>Normalisation over the examples of a shard.</summary>
    public static LayerKind BatchNorm { get; } = new BatchNormKind();

    /// <summary>Normalisation over the values of an example.</summary>
    public static LayerKind LayerNorm { get; } = new LayerNormKind();

    /// <summary>Every kind. A new one is added here; its computation is added in <c>Layers.Layer.Of</c>.</summary>
    public static IReadOnlyList<LayerKind> All { get; } =
        [Dense, Convolution, MaximumPooling, AveragePooling, Flatten, BatchNorm, LayerNorm];

    /// <summary>The kind where a file does not name one.</summary>
    public static LayerKind Default => Dense;

    /// <summary>Names of all kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(kind => kind.Name)];

    /// <summary>Its name in files.</summary>
    public abstract string Name { get; }

    /// <summary>Its settings besides the name of the layer, in the order of files.</summary>
    public abstract IReadOnlyList<LayerField> Fields { get; }

    /// <summary>Keys of a layer of this kind in a model file.</summary>
    internal abstract IReadOnlyList<string> FileKeys { get; }

    /// <summary>The kind with a name; null for none.</summary>
    public static LayerKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>The values of a layer's <see cref="Fields"/>, one a field.</summary>
    /// <exception cref="InvalidCastException">The layer is of another kind.</exception>
    public abstract IReadOnlyList<object> ValuesOf(LayerSpec layer);

    /// <summary>The layer with these values. It may still be illegal: see <see cref="ModelSpec.Validate"/>.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="values">One a field, each of the type that its field says.</param>
    public abstract LayerSpec Create(string name, IReadOnlyList<object> values);

    /// <summary>Reads a layer of a model file; mistakes are reported to the part.</summary>
    /// <param name="part">The layer's object.</param>
    /// <param name="input">Shape of one example below the layer.</param>
    /// <param name="isLast">Whether it is the last layer.</param>
    /// <param name="defaults">What the caller gives for settings that the file leaves out.</param>
    internal abstract LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults);

    /// <summary>The fields that the maps below a layer determine.</summary>
    private protected static IReadOnlyList<LayerField> MapFields =>
    [
        new IntegerField("inputHeight", Ranges.Width, FollowsFromBelow: true),
        new IntegerField("inputWidth", Ranges.Width, FollowsFromBelow: true),
        new IntegerField("inputChannels", Ranges.Width, FollowsFromBelow: true),
    ];

    /// <summary>Height, width and channels of maps; reports a layer that has none below it.</summary>
    private protected static (int Height, int Width, int Channels) MapsBelow(JsonPart part, TensorShape input)
    {
        if (input.Dimensions.Count == 3)
            return (input.Dimensions[0], input.Dimensions[1], input.Dimensions[2]);
        part.Report(
            "kind", $"it reads maps, but the layer below gives a vector of {input}; images have \"inputs\": [height, width, channels]");
        return (1, 1, 1);
    }

    /// <summary>All values 1.</summary>
    private protected static Initializer Ones { get; } = new(InitializerKind.Constant, 1);

    /// <summary>The activation of a layer; null where it gives none.</summary>
    private protected static Activation? ParseActivation(JsonPart part) =>
        part.Choice("activation", ModelFile.Activations) is { } text ? Enum.Parse<Activation>(text, ignoreCase: true) : null;

    /// <summary>The scale and the offset of a layer that normalises.</summary>
    private protected static (ParameterSpec Scale, ParameterSpec Offset) ParseScaleAndOffset(JsonPart part, NormalizationSpec norm)
    {
        bool trainable = part.Boolean("trainable") ?? true;
        double? rate = part.Number("learningRate", Ranges.LearningRate);
        return (
            ParseParameter(part, "scale", norm.Scale with { IsTrainable = trainable, LearningRate = rate }),
            ParseParameter(part, "offset", norm.Offset with { IsTrainable = trainable, LearningRate = rate }));
    }

    /// <summary>The initialiser of an object; null where it has none.</summary>
    private protected static Initializer? ParseInitializer(JsonPart part)
    {
        const string key = "initializer";
        if (part.Text(key) is not { } text)
            return null;
        try
        {
            return Initializer.Parse(text);
        }
        catch (FormatException e)
        {
            part.Report(key, e.Message.TrimEnd('.'));
            return null;
        }
    }

    /// <summary>The weights and biases of a layer that has both.</summary>
    private protected static (ParameterSpec Weights, ParameterSpec Biases) ParseParameters(
        JsonPart part, string name, Activation activation, LayerDefaults defaults)
    {
        Initializer initializer = ParseInitializer(part)
            ?? defaults.Initializer
            ?? (activation is Activation.Relu or Activation.Gelu or Activation.Silu ? Initializer.He : Initializer.Xavier);
        bool trainable = part.Boolean("trainable") ?? true;
        double? rate = part.Number("learningRate", Ranges.LearningRate);
        var weights = new ParameterSpec
        {
            Name = $"{name}/weights",
            Initializer = initializer,
            IsTrainable = trainable,
            LearningRate = rate,
            L2 = part.Number("l2", Ranges.Penalty),
        };
        ParameterSpec biases = weights with { Name = $"{name}/biases", Initializer = Initializer.Zeros, L2 = null };
        return (ParseParameter(part, "weights", weights), ParseParameter(part, "biases", biases));
    }

    /// <summary>A parameter may be given by its name alone, or as an object.</summary>
    private protected static ParameterSpec ParseParameter(JsonPart layer, string key, ParameterSpec inherited)
    {
        if (layer.Find(key) is not { } part)
            return inherited;
        if (part.IsText)
            return inherited with { Name = layer.Text(key)! };
        if (!part.IsObject(ParameterKeys))
            return inherited;
        return inherited with
        {
            Name = part.Text("name") ?? inherited.Name,
            Initializer = ParseInitializer(part) ?? inherited.Initializer,
            IsTrainable = part.Boolean("trainable") ?? inherited.IsTrainable,
            LearningRate = part.Number("learningRate", Ranges.LearningRate) ?? inherited.LearningRate,
            L2 = part.Number("l2", Ranges.Penalty) ?? inherited.L2,
        };
    }
}

/// <summary>What a model file may leave out.</summary>
/// <param name="KeepProb">Keep probability of hidden layers.</param>
/// <param name="Initializer">Initialiser of weights; null takes the one that suits the layer.</param>
internal sealed record LayerDefaults(double KeepProb, Initializer? Initializer);
