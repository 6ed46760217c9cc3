using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>The two kinds of <see cref="PoolingSpec"/>.</summary>
internal sealed class PoolingKind(bool isMaximum) : LayerKind
{
    public override string Name => isMaximum ? "maxPool" : "averagePool";

    public override IReadOnlyList<LayerField> Fields { get; } =
        [.. MapFields, new IntegerField("size", Ranges.Window), new IntegerField("stride", Ranges.Window)];

    internal override IReadOnlyList<string> FileKeys { get; } = ["size", "stride"];

    public override IReadOnlyList<object> ValuesOf(LayerSpec layer)
    {
        var pooling = (PoolingSpec)layer;
        return [pooling.InputHeight, pooling.InputWidth, pooling.InputChannels, pooling.Size, pooling.Stride];
    }

    public override LayerSpec Create(string name, IReadOnlyList<object> values) => new PoolingSpec
    {
        Name = name,
        InputHeight = (int)values[0],
        InputWidth = (int)values[1],
        InputChannels = (int)values[2],
        Size = (int)values[3],
        Stride = (int)values[4],
        IsMaximum = isMaximum,
    };

    internal override LayerSpec Parse(JsonPart part, TensorShape input, bool isLast, LayerDefaults defaults)
    {
        (int height, int width, int channels) = MapsBelow(part, input);
        int size = part.WholeNumber("size", Ranges.Window, isRequired: true) ?? 1;
        return new PoolingSpec
        {
            Name = part.Text("name") ?? string.Create(CultureInfo.InvariantCulture, $"pool_{height}x{width}x{channels}"),
            InputHeight = height,
            InputWidth = width,
            InputChannels = channels,
            Size = size,
            Stride = part.WholeNumber("stride", Ranges.Window) ?? size,
            IsMaximum = isMaximum,
        };
    }
}
