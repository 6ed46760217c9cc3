namespace Lockstep.Model.Specs;

/// <summary>A kind of layer: its name, its settings for codecs, and its form in a model file. One instance per kind.</summary>
public abstract class LayerKind
{
    private static readonly string[] ParameterKeys = ["name", "initializer", "trainable", "l2", "learningRate"];

    /// <summary>Fully connected layers.</summary>
    public static LayerKind Dense { get; } = new DenseKind();

    /// <summary>Every kind. A new one is added here; its computation is added in <c>Layers.Layer.Of</c>.</summary>
    public static IReadOnlyList<LayerKind> All { get; } = [Dense];

    /// <summary>The kind of a layer in a file that names none.</summary>
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

    /// <summary>The layer with these values. It may be invalid: see <see cref="ModelSpec.Validate"/>.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="values">One value per field, of the field's type.</param>
    public abstract LayerSpec Create(string name, IReadOnlyList<object> values);

    /// <summary>Reads a layer of a model file; reports mistakes to the part.</summary>
    /// <param name="part">The layer's object.</param>
    /// <param name="input">Shape of one example below the layer.</param>
    /// <param name="isLast">Whether it is the last layer.</param>
    /// <param name="defaults">Defaults for settings that the file omits.</param>
    internal abstract LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults);

    /// <summary>Parses a parameter given by its name alone, or as an object.</summary>
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
            Initializer = part.Initializer("initializer") ?? inherited.Initializer,
            IsTrainable = part.Boolean("trainable") ?? inherited.IsTrainable,
            LearningRate = part.Number("learningRate", Ranges.LearningRate) ?? inherited.LearningRate,
            L2 = part.Number("l2", Ranges.Penalty) ?? inherited.L2,
        };
    }
}

/// <summary>Defaults for a model file.</summary>
/// <param name="KeepProb">Keep probability of hidden layers.</param>
/// <param name="Initializer">Initialiser of weights; null for the one that suits the layer.</param>
internal sealed record LayerDefaults(double KeepProb, Initializer? Initializer);
