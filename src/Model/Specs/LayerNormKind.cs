namespace Lockstep.Model.Specs;

/// <summary>The kind of <see cref="LayerNormSpec"/>.</summary>
internal sealed class LayerNormKind : LayerKind
{
    public override string Name => "layerNorm";

    public override IReadOnlyList<LayerField> Fields { get; } =
    [
        new IntegerField("inputs", Ranges.Width, FollowsFromBelow: true),
        new NumberField("epsilon", Ranges.Epsilon),
        new ChoiceField("activation", ModelFile.Activations),
        new NumberField("keepProb", Ranges.KeepProb),
        new ParameterField("scale"),
        new ParameterField("offset"),
    ];

    internal override IReadOnlyList<string> FileKeys { get; } =
        ["epsilon", "activation", "keepProb", "trainable", "learningRate", "scale", "offset"];

    public override IReadOnlyList<object> ValuesOf(LayerSpec layer)
    {
        var norm = (LayerNormSpec)layer;
        return [norm.Inputs, norm.Epsilon, (int)norm.Activation, norm.KeepProb, norm.Scale, norm.Offset];
    }

    public override LayerSpec Create(string name, IReadOnlyList<object> values) => new LayerNormSpec
    {
        Name = name,
        Inputs = (int)values[0],
        Epsilon = (double)values[1],
        Activation = (Activation)(int)values[2],
        KeepProb = (double)values[3],
        Scale = (ParameterSpec)values[4],
        Offset = (ParameterSpec)values[5],
    };

    internal override LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        if (!input.IsFlat)
            part.Report(
                "kind", $"layer normalisation takes a vector, but the layer below gives {input}; maps take \"batchNorm\"");
        LayerNormSpec norm = Over(input, part.Text("name") ?? $"layernorm_{input.Columns}");
        (ParameterSpec scale, ParameterSpec offset) = ParseScaleAndOffset(part, norm);
        return norm with
        {
            Epsilon = part.Number("epsilon", Ranges.Epsilon) ?? norm.Epsilon,
            Activation = ParseActivation(part) ?? norm.Activation,
            KeepProb = part.Number("keepProb", Ranges.KeepProb) ?? defaults.KeepProb,
            Scale = scale,
            Offset = offset,
        };
    }

    /// <summary>A layer over vectors, with the usual settings.</summary>
    internal static LayerNormSpec Over(TensorShape input, string name) => new()
    {
        Name = name,
        Inputs = input.Columns,
        Scale = new ParameterSpec { Name = $"{name}/scale", Initializer = Ones },
        Offset = new ParameterSpec { Name = $"{name}/offset", Initializer = Initializer.Zeros },
    };
}
