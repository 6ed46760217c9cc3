using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>Pooling: each window of a map becomes one value, its largest or its average.</summary>
public sealed record PoolingSpec : LayerSpec
{
    /// <summary>Rows of a map below.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Columns of a map below.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Maps below, and above.</summary>
    public required int InputChannels { get; init; }

    /// <summary>Rows and columns of a window.</summary>
    public required int Size { get; init; }

    /// <summary>Distance of two windows. Rows and columns that no whole window reaches are left out.</summary>
    public required int Stride { get; init; }

    /// <summary>Whether a window becomes its largest value; otherwise its average.</summary>
    public required bool IsMaximum { get; init; }

    /// <inheritdoc/>
    public override LayerKind Kind => IsMaximum ? LayerKind.MaximumPooling : LayerKind.AveragePooling;

    /// <inheritdoc/>
    public override TensorShape InputShape => new(InputHeight, InputWidth, InputChannels);

    /// <inheritdoc/>
    public override TensorShape OutputShape => new(Places(InputHeight), Places(InputWidth), InputChannels);

    /// <summary>0: there is nothing to multiply.</summary>
    public override double Flops => 0;

    /// <inheritdoc/>
    public override string Summary => string.Create(
        CultureInfo.InvariantCulture, $"{(IsMaximum ? "" : "avg")}pool{Size}{(Stride == Size ? "" : $"s{Stride}")}");

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        foreach ((string what, int value, NumberRange<int> range) in new[]
            {
                ("input height", InputHeight, Ranges.Width), ("input width", InputWidth, Ranges.Width),
                ("input channels", InputChannels, Ranges.Width), ("size", Size, Ranges.Window), ("stride", Stride, Ranges.Window),
            })
        {
            if (!range.Contains(value))
                yield return $"{Name} has {what} {value}; expected {range.Words}.";
        }

        if (isLast)
            yield return $"{Name} is a pooling; the last layer is dense and gives logits.";
        foreach (string problem in MapSizes.Validate(Name, InputShape, Size, padding: 0, OutputShape))
            yield return problem;
    }

    private int Places(int length) => Stride < 1 ? 0 : Math.Max(0, (length - Size) / Stride + 1);
}
