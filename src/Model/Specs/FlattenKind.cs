namespace Lockstep.Model.Specs;

/// <summary>The kind of <see cref="FlattenSpec"/>.</summary>
internal sealed class FlattenKind : LayerKind
{
    public override string Name => "flatten";

    public override IReadOnlyList<LayerField> Fields => MapFields;

    internal override IReadOnlyList<string> FileKeys { get; } = [];

    public override IReadOnlyList<object> ValuesOf(LayerSpec layer)
    {
        var flatten = (FlattenSpec)layer;
        return [flatten.InputHeight, flatten.InputWidth, flatten.InputChannels];
    }

    public override LayerSpec Create(string name, IReadOnlyList<object> values) => new FlattenSpec
    {
        Name = name,
        InputHeight = (int)values[0],
        InputWidth = (int)values[1],
        InputChannels = (int)values[2],
    };

    internal override LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        (int height, int width, int channels) = MapsBelow(part, input);
        return new FlattenSpec
        {
            Name = part.Text("name") ?? "flatten",
            InputHeight = height,
            InputWidth = width,
            InputChannels = channels,
        };
    }
}
