using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>
/// A convolution with square filters: <c>activation(input * weights + biases)</c>, where a filter moves over the maps below, with zeros
/// around them, and sees all of them at each place.
/// </summary>
public sealed record ConvolutionSpec : LayerSpec
{
    /// <summary>Rows of a map below.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Columns of a map below.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Maps below.</summary>
    public required int InputChannels { get; init; }

    /// <summary>Filters: maps above.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows and columns of a filter.</summary>
    public required int Kernel { get; init; }

    /// <summary>Distance of two places of a filter.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Zeros on each side of a map below.</summary>
    public int Padding { get; init; }

    /// <summary>Applied to the sums.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>The filters, [InputChannels, Kernel, Kernel, Channels].</summary>
    public required ParameterSpec Weights { get; init; }

    /// <summary>The vector [Channels].</summary>
    public required ParameterSpec Biases { get; init; }

    /// <inheritdoc/>
    public override LayerKind Kind => LayerKind.Convolution;

    /// <inheritdoc/>
    public override TensorShape InputShape => new(InputHeight, InputWidth, InputChannels);

    /// <inheritdoc/>
    public override TensorShape OutputShape => new(Places(InputHeight), Places(InputWidth), Channels);

    /// <summary>The weights, then the biases.</summary>
    public override IReadOnlyList<LayerParameter> Parameters
    {
        get
        {
            int places = Kernel * Kernel, inputs = InputChannels * places, outputs = Channels * places;
            return
            [
                new LayerParameter(Weights, new TensorShape(InputChannels, Kernel, Kernel, Channels), IsWeights: true, inputs, outputs),
                new LayerParameter(Biases, new TensorShape(Channels), IsWeights: false, inputs, outputs),
            ];
        }
    }

    /// <inheritdoc/>
    public override double Flops => 2.0 * InputChannels * Kernel * Kernel * OutputShape.Count;

    /// <inheritdoc/>
    public override string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"conv:{Channels}x{Kernel}{(Stride == 1 ? "" : $"s{Stride}")}{(Padding == 0 ? "" : $"p{Padding}")}");

    /// <inheritdoc/>
    public override LayerSpec WithParameters(Func<ParameterSpec, ParameterSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Weights = change(Weights), Biases = change(Biases) };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        foreach ((string what, int value, NumberRange<int> range) in new[]
            {
                ("input height", InputHeight, Ranges.Width), ("input width", InputWidth, Ranges.Width),
                ("input channels", InputChannels, Ranges.Width), ("channels", Channels, Ranges.Width), ("kernel", Kernel, Ranges.Window),
                ("stride", Stride, Ranges.Window), ("padding", Padding, Ranges.Padding),
            })
        {
            if (!range.Contains(value))
                yield return $"{Name} has {what} {value}; expected {range.Words}.";
        }

        if (isLast)
            yield return $"{Name} is a convolution; the last layer is dense and gives logits.";
        if (!Enum.IsDefined(Activation))
            yield return $"{Name} has the activation {Activation}; expected {string.Join(", ", Enum.GetNames<Activation>())}.";
        if (Padding >= Kernel)
            yield return $"{Name} has padding {Padding} for a kernel of {Kernel}; expected less than the kernel.";
        foreach (string problem in MapSizes.Validate(Name, InputShape, Kernel, Padding, OutputShape))
            yield return problem;
    }

    private int Places(int length) => Stride < 1 ? 0 : Math.Max(0, (length + 2 * Padding - Kernel) / Stride + 1);
}
