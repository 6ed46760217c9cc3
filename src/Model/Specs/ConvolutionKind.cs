using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>The kind of <see cref="ConvolutionSpec"/>.</summary>
internal sealed class ConvolutionKind : LayerKind
{
    public override string Name => "convolution";

    public override IReadOnlyList<LayerField> Fields { get; } =
    [
        .. MapFields,
        new IntegerField("channels", Ranges.Width),
        new IntegerField("kernel", Ranges.Window),
        new IntegerField("stride", Ranges.Window),
        new IntegerField("padding", Ranges.Padding),
        new ChoiceField("activation", ModelFile.Activations),
        new ParameterField("weights"),
        new ParameterField("biases"),
    ];

    internal override IReadOnlyList<string> FileKeys { get; } =
        ["channels", "kernel", "stride", "padding", "activation", "initializer", "trainable", "l2", "learningRate", "weights", "biases"];

    public override IReadOnlyList<object> ValuesOf(LayerSpec layer)
    {
        var convolution = (ConvolutionSpec)layer;
        return
        [
            convolution.InputHeight, convolution.InputWidth, convolution.InputChannels, convolution.Channels, convolution.Kernel,
            convolution.Stride, convolution.Padding, (int)convolution.Activation, convolution.Weights, convolution.Biases,
        ];
    }

    public override LayerSpec Create(string name, IReadOnlyList<object> values) => new ConvolutionSpec
    {
        Name = name,
        InputHeight = (int)values[0],
        InputWidth = (int)values[1],
        InputChannels = (int)values[2],
        Channels = (int)values[3],
        Kernel = (int)values[4],
        Stride = (int)values[5],
        Padding = (int)values[6],
        Activation = (Activation)(int)values[7],
        Weights = (ParameterSpec)values[8],
        Biases = (ParameterSpec)values[9],
    };

    internal override LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        (int height, int width, int below) = MapsBelow(part, input);
        int channels = part.WholeNumber("channels", Ranges.Width, isRequired: true) ?? 1;
        int kernel = part.WholeNumber("kernel", Ranges.Window, isRequired: true) ?? 1;
        string name = part.Text("name") ?? string.Create(CultureInfo.InvariantCulture, $"conv_{below}x{channels}x{kernel}");
        Activation activation = part.Choice("activation", ModelFile.Activations) is { } text
            ? Enum.Parse<Activation>(text, ignoreCase: true)
            : Activation.Relu;
        (ParameterSpec weights, ParameterSpec biases) = ParseParameters(part, name, activation, defaults);
        return new ConvolutionSpec
        {
            Name = name,
            InputHeight = height,
            InputWidth = width,
            InputChannels = below,
            Channels = channels,
            Kernel = kernel,
            Stride = part.WholeNumber("stride", Ranges.Window) ?? 1,
            Padding = part.WholeNumber("padding", Ranges.Padding) ?? 0,
            Activation = activation,
            Weights = weights,
            Biases = biases,
        };
    }
}
