using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>The kind of <see cref="DenseSpec"/>.</summary>
internal sealed class DenseKind : LayerKind
{
    public override string Name => "dense";

    public override IReadOnlyList<LayerField> Fields { get; } =
    [
        new IntegerField("inputs", Ranges.Width, FollowsFromBelow: true),
        new IntegerField("units", Ranges.Width),
        new ChoiceField("activation", ModelFile.Activations),
        new NumberField("keepProb", Ranges.KeepProb),
        new ParameterField("weights"),
        new ParameterField("biases"),
    ];

    internal override IReadOnlyList<string> FileKeys { get; } =
        ["units", "activation", "keepProb", "initializer", "trainable", "l2", "learningRate", "weights", "biases"];

    public override IReadOnlyList<object> ValuesOf(LayerSpec layer)
    {
        var dense = (DenseSpec)layer;
        return [dense.Inputs, dense.Units, (int)dense.Activation, dense.KeepProb, dense.Weights, dense.Biases];
    }

    public override LayerSpec Create(string name, IReadOnlyList<object> values) => new DenseSpec
    {
        Name = name,
        Inputs = (int)values[0],
        Units = (int)values[1],
        Activation = (Activation)(int)values[2],
        KeepProb = (double)values[3],
        Weights = (ParameterSpec)values[4],
        Biases = (ParameterSpec)values[5],
    };

    internal override LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        int inputs = input.Columns;
        if (!input.IsFlat)
            part.Report(
                "kind", $"a dense layer takes a vector, but the layer below gives {input}; put a layer of the kind \"flatten\" between");
        NumberRange<int> widths = isLast ? Ranges.Outputs : Ranges.Width;
        int units = part.WholeNumber("units", widths, isRequired: true) ?? widths.Min;
        string name = part.Text("name") ?? string.Create(CultureInfo.InvariantCulture, $"dense_{inputs}x{units}");
        string? activationName = part.Choice("activation", ModelFile.Activations);
        Activation activation = activationName is null
            ? isLast ? Activation.Linear : Activation.Relu
            : Enum.Parse<Activation>(activationName, ignoreCase: true);
        if (isLast && activation != Activation.Linear)
            part.Report("activation", $"the last layer gives logits and is linear, not {activationName}");
        double? keep = part.Number("keepProb", Ranges.KeepProb);
        if (isLast && keep is not (null or 1.0))
            part.Report("keepProb", "the last layer gives logits and drops none; leave it out");

        (ParameterSpec weights, ParameterSpec biases) = ParseParameters(part, name, activation, defaults);
        return new DenseSpec
        {
            Name = name,
            Inputs = inputs,
            Units = units,
            Activation = activation,
            KeepProb = isLast ? 1.0 : keep ?? defaults.KeepProb,
            Weights = weights,
            Biases = biases,
        };
    }
}
