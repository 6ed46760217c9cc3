namespace Lockstep.Model.Specs;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy, 2015) of vectors or maps. In training a group is a unit, or all places of a map, over the
/// examples of one shard: the largest set that no cluster can cut. Evaluation uses running averages of the shards' statistics, which are
/// parameters like others, updated once a step. Where they are frozen, training uses them too.
/// </summary>
public sealed record BatchNormSpec : NormalizationSpec
{
    /// <summary>Shards of fewer examples have statistics that are mostly chance; of one, a vector's values all become the offset.</summary>
    public const int FewExamples = 4;

    /// <summary>Rows of a map; 0 for vectors.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Columns of a map; 0 for vectors.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Maps, or the length of a vector.</summary>
    public required int InputChannels { get; init; }

    /// <summary>Share of a step's statistics in the running averages, in (0, 1].</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>Running average of the means, [InputChannels].</summary>
    public required ParameterSpec Mean { get; init; }

    /// <summary>Running average of the unbiased variances, [InputChannels].</summary>
    public required ParameterSpec Variance { get; init; }

    /// <inheritdoc/>
    public override LayerKind Kind => LayerKind.BatchNorm;

    /// <inheritdoc/>
    public override TensorShape InputShape =>
        InputHeight == 0 && InputWidth == 0 ? new(InputChannels) : new(InputHeight, InputWidth, InputChannels);

    /// <summary>Scale, offset, then the running mean and variance.</summary>
    public override IReadOnlyList<LayerParameter> Parameters =>
    [
        Vector(Scale, InputChannels), Vector(Offset, InputChannels), Vector(Mean, InputChannels) with { Momentum = Momentum },
        Vector(Variance, InputChannels) with { Momentum = Momentum },
    ];

    /// <inheritdoc/>
    public override string Summary => "bn";

    /// <inheritdoc/>
    public override LayerSpec WithParameters(Func<ParameterSpec, ParameterSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Scale = change(Scale), Offset = change(Offset), Mean = change(Mean), Variance = change(Variance) };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate(bool isLast)
    {
        foreach (string problem in base.Validate(isLast))
            yield return problem;
        bool isMap = InputHeight != 0 || InputWidth != 0;
        foreach ((string what, int value, NumberRange<int> range) in new[]
            {
                ("input height", InputHeight, isMap ? Ranges.Width : Ranges.WidthOrNone),
                ("input width", InputWidth, isMap ? Ranges.Width : Ranges.WidthOrNone),
                ("input channels", InputChannels, Ranges.Width),
            })
        {
            if (!range.Contains(value))
                yield return $"{Name} has {what} {value}; expected {range.Words}.";
        }

        if (!Ranges.StatisticsMomentum.Contains(Momentum))
            yield return $"{Name} has momentum {Momentum}; expected {Ranges.StatisticsMomentum.Words}.";
        if (isMap && KeepProb != 1.0)
            yield return $"{Name} has keep probability {KeepProb}; maps have no dropout, expected 1.";
        if (Mean.IsTrainable != Variance.IsTrainable)
            yield return $"{Name} has one of {Mean.Name} and {Variance.Name} frozen; expected both or none.";
        foreach (ParameterSpec statistic in new[] { Mean, Variance })
        {
            if (statistic.LearningRate is not null || statistic.L2 is not null)
                yield return $"{statistic.Name} has a learning rate or L2; it is a running average, which takes neither.";
        }
    }
}
