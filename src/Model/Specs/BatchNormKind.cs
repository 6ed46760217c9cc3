namespace Lockstep.Model.Specs;

/// <summary>The kind of <see cref="BatchNormSpec"/>.</summary>
internal sealed class BatchNormKind : LayerKind
{
    public override string Name => "batchNorm";

    public override IReadOnlyList<LayerField> Fields { get; } =
    [
        new IntegerField("inputHeight", Ranges.WidthOrNone, FollowsFromBelow: true),
        new IntegerField("inputWidth", Ranges.WidthOrNone, FollowsFromBelow: true),
        new IntegerField("inputChannels", Ranges.Width, FollowsFromBelow: true),
        new NumberField("momentum", Ranges.StatisticsMomentum),
        new NumberField("epsilon", Ranges.Epsilon),
        new ChoiceField("activation", ModelFile.Activations),
        new NumberField("keepProb", Ranges.KeepProb),
        new ParameterField("scale"),
        new ParameterField("offset"),
        new ParameterField("mean"),
        new ParameterField("variance"),
    ];

    internal override IReadOnlyList<string> FileKeys { get; } =
        ["momentum", "epsilon", "activation", "keepProb", "trainable", "learningRate", "scale", "offset", "mean", "variance"];

    public override IReadOnlyList<object> ValuesOf(LayerSpec layer)
    {
        var norm = (BatchNormSpec)layer;
        return
        [
            norm.InputHeight, norm.InputWidth, norm.InputChannels, norm.Momentum, norm.Epsilon, (int)norm.Activation, norm.KeepProb,
            norm.Scale, norm.Offset, norm.Mean, norm.Variance,
        ];
    }

    public override LayerSpec Create(string name, IReadOnlyList<object> values) => new BatchNormSpec
    {
        Name = name,
        InputHeight = (int)values[0],
        InputWidth = (int)values[1],
        InputChannels = (int)values[2],
        Momentum = (double)values[3],
        Epsilon = (double)values[4],
        Activation = (Activation)(int)values[5],
        KeepProb = (double)values[6],
        Scale = (ParameterSpec)values[7],
        Offset = (ParameterSpec)values[8],
        Mean = (ParameterSpec)values[9],
        Variance = (ParameterSpec)values[10],
    };

    internal override LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        string name = part.Text("name") ?? $"batchnorm_{string.Join('x', input.Dimensions)}";
        BatchNormSpec norm = Over(input, name);
        (ParameterSpec scale, ParameterSpec offset) = ParseScaleAndOffset(part, norm);
        ParameterSpec statistic = norm.Mean with { IsTrainable = part.Boolean("trainable") ?? true };
        return norm with
        {
            Momentum = part.Number("momentum", Ranges.StatisticsMomentum) ?? norm.Momentum,
            Epsilon = part.Number("epsilon", Ranges.Epsilon) ?? norm.Epsilon,
            Activation = ParseActivation(part) ?? norm.Activation,
            KeepProb = part.Number("keepProb", Ranges.KeepProb) ?? (input.IsFlat ? defaults.KeepProb : 1.0),
            Scale = scale,
            Offset = offset,
            Mean = ParseParameter(part, "mean", statistic),
            Variance = ParseParameter(
                part, "variance", statistic with { Name = norm.Variance.Name, Initializer = norm.Variance.Initializer }),
        };
    }

    /// <summary>A layer over values of a shape, with the usual settings.</summary>
    internal static BatchNormSpec Over(TensorShape input, string name) => new()
    {
        Name = name,
        InputHeight = input.IsFlat ? 0 : input.Dimensions[0],
        InputWidth = input.IsFlat ? 0 : input.Dimensions[1],
        InputChannels = input.Columns,
        Scale = new ParameterSpec { Name = $"{name}/scale", Initializer = Ones },
        Offset = new ParameterSpec { Name = $"{name}/offset", Initializer = Initializer.Zeros },
        Mean = new ParameterSpec { Name = $"{name}/mean", Initializer = Initializer.Zeros },
        Variance = new ParameterSpec { Name = $"{name}/variance", Initializer = Ones },
    };
}
