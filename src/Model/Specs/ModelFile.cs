using System.Globalization;
using System.Text.Json;

namespace Lockstep.Model.Specs;

/// <summary>
/// Reads and writes models as JSON (<c>docs/model.schema.json</c>): every layer with its units and optionally its name, activation,
/// dropout, and the names, initialisers and training settings of its parameters. The caller's defaults apply to what a file omits.
/// </summary>
/// <remarks>
/// A layer without a name is called by its shape: <c>dense_784x256</c>. So its parameters keep their names when layers are added or removed
/// around it, and a layer of another shape never takes them. Two layers of one shape need explicit names. Parameters without a name are
/// <c>{layer}/weights</c> and <c>{layer}/biases</c>.
/// </remarks>
public static class ModelFile
{
    private static readonly string[] ModelKeys = ["$schema", "inputs", "inputKeepProb", "layers"];
    private static readonly string[] LayerKeys = ["kind", "name"];

    /// <summary>Names of the activations in the file.</summary>
    public static IReadOnlyList<string> Activations { get; } = [.. Enum.GetNames<Activation>().Select(name => name.ToLowerInvariant())];

    /// <summary>Reads a model.</summary>
    /// <param name="json">The text. Comments and trailing commas are accepted.</param>
    /// <param name="keepProb">Keep probability of hidden layers that do not give one.</param>
    /// <param name="initializer">Initialiser of weights that do not give one; null for He with ReLU and Xavier otherwise.</param>
    /// <exception cref="ModelFileException">The text is not valid JSON or not a valid model; all mistakes are reported.</exception>
    public static ModelSpec Parse(string json, double keepProb = 1.0, Initializer? initializer = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        var problems = new List<string>();
        ModelSpec? model = null;
        try
        {
            var options = new JsonDocumentOptions
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                AllowDuplicateProperties = false,
            };
            using JsonDocument document = JsonDocument.Parse(json, options);
            model = ReadModel(new JsonPart(document.RootElement, "", problems), keepProb, initializer);
        }
        catch (InvalidOperationException)
        {
            problems.Add("it holds a text that is not Unicode; save it as UTF-8.");
        }
        catch (JsonException e)
        {
            problems.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: this is not JSON: {e.Message.Split(" LineNumber:")[0]}"));
        }

        if (problems.Count == 0)
            CheckNames(model!, problems);
        return problems.Count == 0 ? model! : throw new ModelFileException(problems);
    }

    /// <summary>Writes a model including all defaults; <see cref="Parse"/> reads the same model back.</summary>
    public static void Write(Utf8JsonWriter writer, ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(model);
        writer.WriteStartObject();
        writer.WriteNumber("inputs", model.Inputs);
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
        int inputs = file.Integer("inputs", Ranges.Width);
        double inputKeepProb = file.Number("inputKeepProb", Ranges.KeepProb) ?? 1.0;
        var defaults = new LayerDefaults(keepProb, initializer);
        IReadOnlyList<JsonPart> parts = file.Items("layers", ModelSpec.MaxLayers);
        var layers = new List<LayerSpec>();
        foreach (JsonPart part in parts)
        {
            LayerSpec? layer = ReadLayer(
                part, layers.Count == 0 ? new TensorShape(inputs) : layers[^1].OutputShape, layers.Count == parts.Count - 1, defaults);
            if (layer is null)
                return null;
            layers.Add(layer);
        }

        return layers.Count == 0 ? null : new ModelSpec { Layers = layers, InputKeepProb = inputKeepProb };
    }

    private static LayerSpec? ReadLayer(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        LayerKind kind = LayerKind.Find(part.KindName() ?? "") ?? LayerKind.Default;
        return part.IsObject([.. LayerKeys, .. kind.FileKeys]) ? kind.Parse(part, input, isLast, defaults) : null;
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
        ILookup<string, ParameterSpec> byName = model.Parameters.ToLookup(parameter => parameter.Name, StringComparer.Ordinal);
        foreach (IGrouping<string, ParameterSpec> same in byName.Where(group => group.Count() > 1))
            problems.Add($"{same.Count()} parameters are called '{same.Key}'; give each a name of its own.");
        if (!model.Parameters.Any(parameter => parameter.IsTrainable))
            problems.Add("every parameter is frozen; leave at least one trainable.");
        long count = model.Layers.Sum(layer => layer.Parameters.Sum(parameter => parameter.Shape.Count));
        if (count > ModelSpec.MaxParameters)
            problems.Add($"the model has {count:N0} parameters; at most {ModelSpec.MaxParameters:N0} are supported.");
    }
}
