using System.Globalization;
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
    private static readonly string[] LayerKeys = ["name", "units", "activation", "keepProb", "initializer", "trainable", "l2", "learningRate", "weights", "biases"];
    private static readonly string[] ParameterKeys = ["name", "initializer", "trainable", "l2", "learningRate"];

    /// <summary>Names of the activations, as the file has them.</summary>
    public static IReadOnlyList<string> Activations { get; } = [.. Enum.GetNames<Activation>().Select(name => name.ToLowerInvariant())];

    /// <summary>Reads a model.</summary>
    /// <param name="json">The file's text. Comments and trailing commas are accepted.</param>
    /// <param name="keepProb">Keep probability of hidden layers that do not give one.</param>
    /// <param name="initializer">Initialiser of weights that do not give one; null takes He for ReLU and Xavier for all else.</param>
    /// <exception cref="ModelFileException">The text is no JSON or no model; all mistakes are reported.</exception>
    public static ModelSpec Parse(string json, double keepProb = 1.0, Initializer? initializer = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        var problems = new List<string>();
        ModelSpec? model = null;
        try
        {
            var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
            using JsonDocument document = JsonDocument.Parse(json, options);
            model = ReadModel(new JsonPart(document.RootElement, "", problems), keepProb, initializer);
        }
        catch (InvalidOperationException)
        {
            problems.Add("it holds a text that is not Unicode; save it as UTF-8.");
        }
        catch (JsonException e)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: this is not JSON: {e.Message.Split(" LineNumber:")[0]}"));
        }

        if (problems.Count == 0)
            CheckNames(model!, problems);
        return problems.Count == 0 ? model! : throw new ModelFileException(problems);
    }

    /// <summary>Writes a model with everything that it leaves to defaults; <see cref="Parse"/> reads the same model back.</summary>
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
            writer.WriteString("name", layer.Name);
            writer.WriteNumber("units", layer.Units);
            writer.WriteString("activation", layer.Activation.ToString().ToLowerInvariant());
            writer.WriteNumber("keepProb", layer.KeepProb);
            WriteParameter(writer, "weights", layer.Weights);
            WriteParameter(writer, "biases", layer.Biases);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter writer, string key, ParameterSpec parameter)
    {
        writer.WriteStartObject(key);
        writer.WriteString("name", parameter.Name);
        writer.WriteString("initializer", parameter.Initializer.ToString());
        writer.WriteBoolean("trainable", parameter.IsTrainable);
        if (parameter.L2 is { } l2)
            writer.WriteNumber("l2", l2);
        if (parameter.LearningRate is { } rate)
            writer.WriteNumber("learningRate", rate);
        writer.WriteEndObject();
    }

    private static ModelSpec? ReadModel(JsonPart file, double keepProb, Initializer? initializer)
    {
        if (!file.IsObject(ModelKeys))
            return null;
        int inputs = file.Integer("inputs", Ranges.Width);
        double inputKeepProb = file.Number("inputKeepProb", Ranges.KeepProb) ?? 1.0;
        IReadOnlyList<JsonPart> parts = file.Items("layers", ModelSpec.MaxLayers);
        var layers = new List<LayerSpec>();
        foreach (JsonPart part in parts)
        {
            LayerSpec? layer = ReadLayer(part, layers.Count == 0 ? inputs : layers[^1].Units, layers.Count == parts.Count - 1, keepProb, initializer);
            if (layer is null)
                return null;
            layers.Add(layer);
        }

        return layers.Count == 0 ? null : new ModelSpec { Layers = layers, InputKeepProb = inputKeepProb };
    }

    private static LayerSpec? ReadLayer(JsonPart part, int inputs, bool last, double keepProb, Initializer? initializer)
    {
        if (!part.IsObject(LayerKeys))
            return null;
        int units = part.Integer("units", last ? Ranges.Classes : Ranges.Width);
        string name = part.Text("name") ?? string.Create(CultureInfo.InvariantCulture, $"dense_{inputs}x{units}");
        string? activationName = part.Choice("activation", Activations);
        Activation activation = activationName is null
            ? last ? Activation.Linear : Activation.Relu
            : Enum.Parse<Activation>(activationName, ignoreCase: true);
        if (last && activation != Activation.Linear)
            part.Report("activation", $"the last layer gives logits and is linear, not {activationName}");
        double? keep = part.Number("keepProb", Ranges.KeepProb);
        if (last && keep is not (null or 1.0))
            part.Report("keepProb", "the last layer gives logits and drops none; leave it out");

        Initializer weightsInitializer = part.Initializer("initializer") ?? initializer ?? (activation == Activation.Relu ? Initializer.He : Initializer.Xavier);
        bool trainable = part.Boolean("trainable") ?? true;
        double? rate = part.Number("learningRate", Ranges.LearningRate);
        double? l2 = part.Number("l2", Ranges.Penalty);
        var weights = new ParameterSpec { Name = $"{name}/weights", Initializer = weightsInitializer, IsTrainable = trainable, LearningRate = rate, L2 = l2 };
        var biases = new ParameterSpec { Name = $"{name}/biases", Initializer = Initializer.Zeros, IsTrainable = trainable, LearningRate = rate };
        return new LayerSpec
        {
            Name = name,
            Inputs = inputs,
            Units = units,
            Activation = activation,
            KeepProb = last ? 1.0 : keep ?? keepProb,
            Weights = ReadParameter(part, "weights", weights),
            Biases = ReadParameter(part, "biases", biases),
        };
    }

    /// <summary>A parameter may be given by its name alone, or as an object.</summary>
    private static ParameterSpec ReadParameter(JsonPart layer, string key, ParameterSpec inherited)
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
        foreach (IGrouping<string, ParameterSpec> same in model.Parameters.GroupBy(parameter => parameter.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"{same.Count()} parameters are called '{same.Key}'; give each a name of its own.");
        if (!model.Parameters.Any(parameter => parameter.IsTrainable))
            problems.Add("every parameter is frozen; leave at least one trainable.");
        long count = model.Layers.Sum(layer => (layer.Inputs + 1L) * layer.Units);
        if (count > ModelSpec.MaxParameters)
            problems.Add($"the model has {count:N0} parameters; at most {ModelSpec.MaxParameters:N0} are supported.");
    }
}
