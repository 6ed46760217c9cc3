namespace Lockstep.Model.Specs;

/// <summary>Maps become one vector, in the order [channel, row, column].</summary>
public sealed record FlattenSpec : LayerSpec
{
    /// <summary>Rows of a map below.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Columns of a map below.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Maps below.</summary>
    public required int InputChannels { get; init; }

    /// <inheritdoc/>
    public override LayerKind Kind => LayerKind.Flatten;

    /// <inheritdoc/>
    public override TensorShape InputShape => new(InputHeight, InputWidth, InputChannels);

    /// <inheritdoc/>
    public override TensorShape OutputShape => new(InputHeight * InputWidth * InputChannels);

    /// <summary>0: values are only moved.</summary>
    public override double Flops => 0;

    /// <summary>Empty: the text of a model implies it.</summary>
    public override string Summary => "";

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        foreach ((string what, int value) in new[] { ("height", InputHeight), ("width", InputWidth), ("channels", InputChannels) })
        {
            if (!Ranges.Width.Contains(value))
                yield return $"{Name} has input {what} {value}; expected {Ranges.Width.Words}.";
        }

        if (isLast)
            yield return $"{Name} flattens; the last layer is dense and gives logits.";
        if ((Int128)InputHeight * InputWidth * InputChannels > ModelSpec.MaxWidth)
            yield return $"{Name} gives {InputShape} values; a dense layer takes at most {ModelSpec.MaxWidth}.";
    }
}
