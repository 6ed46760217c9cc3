using System.Text;
using System.Text.Json;

namespace Lockstep.Model.Specs;

/// <summary>
/// A model written down as JSON (<c>docs/model.schema.json</c>): every layer with its units and, where wanted, its name, activation,
/// dropout, and how its parameters are called, start and are trained. What a file leaves out, the caller's defaults fill in.
/// </summary>
/// <remarks>
/// A layer without a name is called by its shape: <c>dense_784x256</c>. So its parameters keep their names when layers are added or
/// removed around it, and a layer of another shape never takes them. Two layers of one shape need names of their own.
/// Parameters without a name are <c>{layer}/weights</c> and <c>{layer}/biases</c>.
/// </remarks>
public static class ModelFile
{
    private static readonly string[] ModelKeys = ["$schema", "inputs", "inputKeepProb", "layers"];
    private static readonly string[] LayerKeys = ["kind", "name"];

    /// <summary>Names of the activations, as the file has them.</summary>
    public static IReadOnlyList<string> Activations { get; } = [.. Enum.GetNames<Activation>().Select(name => name.ToLowerInvariant())];

    /// <summary>Reads a model.</summary>
    /// <param name="json">The file's text. A byte order mark, comments and trailing commas are accepted.</param>
    /// <param name="keepProb">Keep probability of hidden layers that do not give one.</param>
    /// <param name="initializer">Initialiser of weights that do not give one; null takes He for ReLU and Xavier for all else.</param>
    /// <exception cref="ModelFileException">The text is no JSON or no model; all mistakes are reported.</exception>
    public static ModelSpec Parse(string json, double keepProb = 1.0, Initializer? initializer = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        var problems = new List<string>();
        ModelSpec? model = null;
        using (var file = JsonInput.Parse(json, name: null, problems.Add))
        {
            if (file is not null)
                model = ReadModel(file.Root, keepProb, initializer);
        }

        if (problems.Count == 0)
            CheckNames(model!, problems);
        return problems.Count == 0 ? model! : throw new ModelFileException(problems);
    }

    /// <summary>A model as text, with everything that it leaves to defaults: equal models have equal texts.</summary>
    public static string Write(ModelSpec model)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer, model);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Writes a model with everything that it leaves to defaults; <see cref="Parse"/> reads the same model back.</summary>
    public static void Write(Utf8JsonWriter writer, ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(model);
        writer.WriteStartObject();
        if (model.InputShape.IsFlat)
        {
            writer.WriteNumber("inputs", model.Inputs);
        }
        else
        {
            writer.WriteStartArray("inputs");
            foreach (int dimension in model.InputShape.Dimensions)
                writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
        }

        writer.WriteNumber("inputKeepProb", model.InputKeepProb);
        writer.WriteStartArray("layers");
        foreach (LayerSpec layer in model.Layers)
        {
            writer.WriteStartObject();
            LayerJson.Write(writer, layer, withInputs: false);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static ModelSpec? ReadModel(JsonPart file, double keepProb, Initializer? initializer)
    {
        if (!file.IsObject(ModelKeys))
            return null;
        TensorShape inputs = ReadInputs(file);
        double inputKeepProb = file.Number("inputKeepProb", Ranges.KeepProb) ?? 1.0;
        var defaults = new LayerDefaults(keepProb, initializer);
        IReadOnlyList<JsonPart> parts = file.Items("layers", 1, ModelSpec.MaxLayers);
        var layers = new List<LayerSpec>();
        foreach (JsonPart part in parts)
        {
            LayerSpec? layer = ReadLayer(
                part, layers.Count == 0 ? inputs : layers[^1].OutputShape, layers.Count == parts.Count - 1, defaults);
            if (layer is null)
                return null;
            layers.Add(layer);
        }

        return layers.Count == 0 ? null : new ModelSpec { Layers = layers, InputKeepProb = inputKeepProb };
    }

    // A vector's values, or the height, width and channels of images.
    private static TensorShape ReadInputs(JsonPart file)
    {
        if (file.Find("inputs") is not { IsArray: true })
            return new TensorShape(file.WholeNumber("inputs", Ranges.Width, isRequired: true) ?? Ranges.Width.Min);
        int[] sizes = [.. file.Items("inputs", 3, 3).Select(size => size.WholeNumber(Ranges.Width) ?? Ranges.Width.Min)];
        return sizes.Length == 3 ? new TensorShape(sizes) : new TensorShape(1, 1, 1);
    }

    private static LayerSpec? ReadLayer(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        string? named = part.Choice("kind", LayerKind.Names);
        if (named is null && part.Find("kind") is not null)
            return null; // Of an unknown kind nothing else is known, nor what the layers above it read.
        LayerKind kind = LayerKind.Find(named ?? "") ?? LayerKind.Default;
        if (!part.IsObject([.. LayerKeys, .. kind.FileKeys]))
            return null;
        LayerSpec layer = kind.Parse(part, input, isLast, defaults);
        // Ranges of single numbers are reported where they are read; whether a window fits its maps is seen here.
        if (layer is not DenseSpec && layer.Validate(isLast).FirstOrDefault() is { } problem)
            part.Report(problem.TrimEnd('.'));
        return layer;
    }

    private static void CheckNames(ModelSpec model, List<string> problems)
    {
        for (int i = 0; i < model.Layers.Count; i++)
        {
            LayerSpec layer = model.Layers[i];
            int first = model.Layers.TakeWhile(other => other.Name != layer.Name).Count();
            if (first < i)
                problems.Add($"layers[{i}] and layers[{first}] are both called '{layer.Name}'; give one of them a \"name\" of its own.");
        }

        foreach (ParameterSpec parameter in model.Parameters)
        {
            if (ParameterSpec.NameProblem(parameter.Name) is { } problem)
                problems.Add($"the parameter name '{parameter.Name}' {problem}.");
        }

        if (problems.Count > 0)
            return;
        foreach (IGrouping<string, ParameterSpec> same in model.Parameters.GroupBy(
            parameter => parameter.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"{same.Count()} parameters are called '{same.Key}'; give each a name of its own.");
        if (model.Layers[0] is NormalizationSpec lowest)
            problems.Add(
                $"the layer '{lowest.Name}' normalises the inputs, which are scaled already; begin with a layer that has weights.");
        if (!model.Parameters.Any(parameter => parameter.IsTrainable))
            problems.Add("every parameter is frozen; leave at least one trainable.");
        long count = model.Layers.Sum(layer => layer.Parameters.Sum(parameter => parameter.Shape.Count));
        if (count > ModelSpec.MaxParameters)
            problems.Add($"the model has {count:N0} parameters; at most {ModelSpec.MaxParameters:N0} are supported.");
    }
}
