namespace Lockstep.Model.Specs;

/// <summary>A kind of layer: its name, its settings as codecs see them, and how a model file gives it. One instance a kind.</summary>
public abstract class LayerKind
{
    private static readonly string[] ParameterKeys = ["name", "initializer", "trainable", "l2", "learningRate"];

    /// <summary>Fully connected layers.</summary>
    public static LayerKind Dense { get; } = new DenseKind();

    /// <summary>Every kind. A new one is added here; its computation is added in <c>Layers.Layer.Of</c>.</summary>
    public static IReadOnlyList<LayerKind> All { get; } = [Dense];

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
