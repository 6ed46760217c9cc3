using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Model.Specs;

/// <summary>
/// A model as a short text: what comes in, then the layers, separated by <c>-</c>. Such as <c>784-256-10</c>, or
/// <c>28x28-conv:6x5p2-pool2-conv:16x5-pool2-120-84-10</c>.
/// <code>
/// 784, 28x28, 32x32x3   inputs: values, height x width, or height x width x channels
/// in                    inputs of the data; nothing before a layer of maps means the same
/// conv:6x5s1p2          6 filters of 5 x 5, at each place (s2: every second), with 2 zeros around the maps; ReLU
/// pool2, pool3s2        the largest of 2 x 2; of 3 x 3 at every second place
/// avgpool2              the average of 2 x 2
/// 120                   a dense layer of 120 units with ReLU and dropout; the last is linear. out: the classes of the data
/// bn, ln                batch or layer normalisation; ReLU and dropout of the layer before come after it
/// </code>
/// Maps become a vector before the first dense layer. A name stands for a text: <see cref="Presets"/>.
/// </summary>
public sealed partial class NetworkText
{
    private const string Inputs = "in", Outputs = "out", BatchNorm = "bn", LayerNorm = "ln";

    private readonly string _text;
    private readonly string[] _parts;

    private NetworkText(string text, string[] parts) => (_text, _parts) = (text, parts);

    /// <summary>Names of models, and their texts.</summary>
    public static IReadOnlyDictionary<string, string> Presets { get; } = new Dictionary<string, string>
    {
        ["logistic"] = "784-10",
        ["lenet5"] = "conv:6x5p2-pool2-conv:16x5-pool2-120-84-out",
        ["convnet"] = "conv:16x5s2p2-bn-conv:32x3p1-bn-pool2-conv:64x3p1-bn-pool2-64-bn-out",
    };

    /// <summary>Whether inputs or classes are those of the data.</summary>
    public bool FollowsData => _parts[0] == Inputs || _parts[^1] == Outputs;

    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">It is none of a model.</exception>
    public static NetworkText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = Presets.GetValueOrDefault(text, text).Split('-');
        if (MapLayer().IsMatch(parts[0]))
            parts = [Inputs, .. parts];
        var model = new NetworkText(text, parts);
        if (IsNorm(parts[0]))
            throw model.First(parts[0]);
        if (parts[0] != Inputs)
            _ = model.InputShape(null);
        for (int i = 1; i < parts.Length; i++)
        {
            if (!IsNamed(parts[i]) && !(i == parts.Length - 1 && parts[i] == Outputs))
                _ = model.Width(parts[i]);
        }

        if (parts.Length < 2)
            throw model.Wrong("it needs at least inputs and classes, such as 784-10");
        if (parts.Length - 1 > ModelSpec.MaxLayers)
            throw model.Wrong($"it has {parts.Length - 1} layers; at most {ModelSpec.MaxLayers} are supported");
        if (parts[^1] != Outputs && !IsNamed(parts[^1]) && !Ranges.Outputs.Contains(model.Width(parts[^1])))
            throw model.Wrong($"{parts[^1]} outputs, expected {Ranges.Outputs.Min} to {Ranges.Outputs.Max}");
        if (IsNamed(parts[^1]))
            throw model.Wrong($"it ends with '{parts[^1]}'; the last layer is dense, one unit a class");
        return model;
    }

    /// <summary>The model.</summary>
    /// <param name="data">Shape of an example; null if the text does not follow the data.</param>
    /// <param name="classes">Classes of the data; null if the text does not follow the data.</param>
    /// <param name="keepProb">Keep probability of every hidden dense layer.</param>
    /// <param name="initializer">Initialiser of all weights; null for He with ReLU and Xavier for the last layer.</param>
    /// <exception cref="FormatException">The layers do not fit each other, or the data.</exception>
    public ModelSpec ToModel(TensorShape? data = null, int? classes = null, double keepProb = 1.0, Initializer? initializer = null)
    {
        TensorShape shape = InputShape(data);
        var layers = new List<LayerSpec>();
        int parameters = 0, pools = 0, norms = 0;
        for (int i = 1; i < _parts.Length; i++)
        {
            string part = _parts[i];
            bool isLast = i == _parts.Length - 1;
            if (MapLayer().Match(part) is { Success: true } map)
            {
                if (shape.Dimensions.Count != 3)
                    throw Wrong($"'{part}' takes height, width and channels, but a vector comes in. Begin with such as 28x28 or 32x32x3");
                layers.Add(
                    map.Groups["conv"].Success
                        ? Convolution(map, shape, $"layer{parameters++}", initializer)
                        : Pooling(map, shape, pools++));
            }
            else if (IsNorm(part))
            {
                layers.Add(Norm(part, shape, layers, $"norm{norms++}"));
            }
            else
            {
                if (!shape.IsFlat)
                {
                    var flatten = new FlattenSpec
                    {
                        Name = "flatten", InputHeight = shape.Dimensions[0], InputWidth = shape.Dimensions[1],
                        InputChannels = shape.Dimensions[2],
                    };
                    if (flatten.Validate(isLast: false).FirstOrDefault() is { } tooMany)
                        throw Wrong(tooMany.TrimEnd('.'));
                    layers.Add(flatten);
                    shape = flatten.OutputShape;
                }

                int units = part == Outputs ? classes ?? throw Wrong("the classes are those of the data") : Width(part);
                layers.Add(Dense($"layer{parameters++}", shape.Columns, units, isLast, keepProb, initializer));
            }

            if (layers[^1] is not DenseSpec && layers[^1].Validate(isLast).FirstOrDefault() is { } problem)
                throw Wrong(problem.TrimEnd('.'));
            shape = layers[^1].OutputShape;
        }

        var model = new ModelSpec { Layers = layers };
        long count = layers.Sum(layer => layer.Parameters.Sum(parameter => parameter.Shape.Count));
        if (count > ModelSpec.MaxParameters)
            throw new FormatException($"'{_text}' has {count:N0} parameters; at most {ModelSpec.MaxParameters:N0} are supported.");
        return model;
    }

    /// <summary>The text of a model, without what it does not say: names, initialisers, dropout.</summary>
    internal static string Of(ModelSpec model)
    {
        string shape = model.InputShape.Dimensions is [var height, var width, var channels]
            ? channels == 1 ? $"{height}x{width}" : $"{height}x{width}x{channels}"
            : model.InputShape.ToString();
        return string.Join('-', model.Layers.Select(layer => layer.Summary).Where(text => text.Length > 0).Prepend(shape));
    }

    /// <summary>The text that was read.</summary>
    public override string ToString() => _text;

    private static DenseSpec Dense(string name, int inputs, int units, bool isLast, double keepProb, Initializer? initializer) => new()
    {
        Name = name,
        Inputs = inputs,
        Units = units,
        Activation = isLast ? Activation.Linear : Activation.Relu,
        KeepProb = isLast ? 1.0 : keepProb,
        Weights = new ParameterSpec
        {
            Name = $"{name}/weights",
            Initializer = initializer ?? (isLast ? Initializer.Xavier : Initializer.He),
        },
        Biases = new ParameterSpec { Name = $"{name}/biases", Initializer = Initializer.Zeros },
    };

    private static ConvolutionSpec Convolution(Match text, TensorShape below, string name, Initializer? initializer) => new()
    {
        Name = name,
        InputHeight = below.Dimensions[0],
        InputWidth = below.Dimensions[1],
        InputChannels = below.Dimensions[2],
        Channels = Number(text, "channels"),
        Kernel = Number(text, "kernel"),
        Stride = Number(text, "stride", 1),
        Padding = Number(text, "padding", 0),
        Weights = new ParameterSpec { Name = $"{name}/weights", Initializer = initializer ?? Initializer.He },
        Biases = new ParameterSpec { Name = $"{name}/biases", Initializer = Initializer.Zeros },
    };

    private static PoolingSpec Pooling(Match text, TensorShape below, int index) => new()
    {
        Name = $"pool{index}",
        InputHeight = below.Dimensions[0],
        InputWidth = below.Dimensions[1],
        InputChannels = below.Dimensions[2],
        Size = Number(text, "size"),
        Stride = Number(text, "every", Number(text, "size")),
        IsMaximum = !text.Groups["average"].Success,
    };

    // The activation of the layer below, and its dropout, come after the normalisation.
    private NormalizationSpec Norm(string part, TensorShape shape, List<LayerSpec> layers, string name)
    {
        if (layers.Count == 0)
            throw First(part);
        if (part == LayerNorm && !shape.IsFlat)
            throw Wrong($"'{LayerNorm}' normalises a vector, but maps come in. Maps take '{BatchNorm}'");
        NormalizationSpec norm = part == BatchNorm ? BatchNormKind.Over(shape, name) : LayerNormKind.Over(shape, name);
        switch (layers.LastOrDefault())
        {
            case DenseSpec dense:
                layers[^1] = dense with { Activation = Activation.Linear, KeepProb = 1.0 };
                return norm with { Activation = dense.Activation, KeepProb = dense.KeepProb };
            case ConvolutionSpec convolution:
                layers[^1] = convolution with { Activation = Activation.Linear };
                return norm with { Activation = convolution.Activation };
            default:
                return norm;
        }
    }

    private static bool IsNorm(string part) => part is BatchNorm or LayerNorm;

    // Layers that are not just a width.
    private static bool IsNamed(string part) => IsNorm(part) || MapLayer().IsMatch(part);

    private static int Number(Match text, string group, int none = 0) => text.Groups[group] is { Success: true } found
        ? int.TryParse(found.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : int.MaxValue
        : none;

    private TensorShape InputShape(TensorShape? data)
    {
        bool readsMaps = _parts.Length > 1 && MapLayer().IsMatch(_parts[1]);
        if (_parts[0] == Inputs)
        {
            if (data is null)
                throw Wrong("the inputs are those of the data");
            return readsMaps ? data : new TensorShape((int)data.Count);
        }

        if (Image().Match(_parts[0]) is { Success: true } image)
            return new TensorShape(Number(image, "height"), Number(image, "width"), Number(image, "channels", 1));
        return new TensorShape(Width(_parts[0]));
    }

    private int Width(string part) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int width) && Ranges.Width.Contains(width)
            ? width
            : throw Wrong(Misread(part));

    // What a part that is none may have been meant to be.
    private static string Misread(string part)
    {
        bool Has(string word) => part.Contains(word, StringComparison.OrdinalIgnoreCase);
        if (part is Inputs or Outputs)
            return $"'{part}' is not in its place: '{Inputs}' is the first part, '{Outputs}' the last";
        if (Has("conv"))
            return $"'{part}' is not a convolution; expected filters and size such as conv:16x3, conv:16x3p1 or conv:16x3s2p1";
        if (Has("pool"))
            return $"'{part}' is not a pooling; expected its size such as pool2, pool3s2 or avgpool2";
        if (Has("norm") || Has(BatchNorm) || Has(LayerNorm))
            return $"'{part}' is not a normalisation; expected '{BatchNorm}' of a batch or '{LayerNorm}' of a layer, after the layer "
                + "that it normalises";
        return $"'{part}' is neither a width from 1 to {ModelSpec.MaxWidth} nor a layer such as conv:16x3p1, pool2, avgpool2, "
            + $"{BatchNorm} or {LayerNorm}. Give widths from inputs to classes, such as 784-256-10, layers such as "
            + "28x28-conv:6x5p2-pool2-120-10, or "
            + string.Join(" or ", Presets.Keys.Select(name => $"'{name}'"));
    }

    private FormatException First(string norm) =>
        Wrong($"'{norm}' comes first; the inputs are scaled already. Begin with a layer that has weights");

    private FormatException Wrong(string problem) => new($"'{_text}' is not a model: {problem}.");

    [GeneratedRegex(
        @"^(?:(?<conv>conv):(?<channels>\d+)x(?<kernel>\d+)(?:s(?<stride>\d+))?(?:p(?<padding>\d+))?"
            + @"|(?<average>avg)?pool(?<size>\d+)(?:s(?<every>\d+))?)$", RegexOptions.CultureInvariant)]
    private static partial Regex MapLayer();

    [GeneratedRegex(@"^(?<height>\d+)x(?<width>\d+)(?:x(?<channels>\d+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Image();
}
